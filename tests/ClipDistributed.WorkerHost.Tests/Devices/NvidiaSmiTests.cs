using ClipDistributed.TestKit.Coordinators;
using ClipDistributed.TestKit.Processes;
using ClipDistributed.WorkerHost.Devices;

namespace ClipDistributed.WorkerHost.Tests.Devices;

public sealed class NvidiaSmiTests
{
    [Fact]
    public void Parse_List_GivesEachGpu()
    {
        const string csv = """
            NVIDIA H100 80GB HBM3, GPU-5f0b3b2c-1d2e-3f40-5162-738495a6b7c8, 81559, Disabled, 00000000:3B:00.0
            NVIDIA A100-SXM4-40GB, GPU-6a1b3b2c-1d2e-3f40-5162-738495a6b7c8, 40960, Enabled, 00000001:00:00.0
            NVIDIA L4, GPU-7b2c3b2c-1d2e-3f40-5162-738495a6b7c8, [N/A], [N/A], [N/A]
            WARNING: infoROM is corrupted at gpu 0000:3B:00.0

            """;
        Assert.Equal(
            [
                new NvidiaGpu("NVIDIA H100 80GB HBM3", "GPU-5f0b3b2c-1d2e-3f40-5162-738495a6b7c8", 81559, BusId: "0000:3b:00.0"),
                new NvidiaGpu("NVIDIA A100-SXM4-40GB", "GPU-6a1b3b2c-1d2e-3f40-5162-738495a6b7c8", 40960, IsCut: true, "0001:00:00.0"),
                new NvidiaGpu("NVIDIA L4", "GPU-7b2c3b2c-1d2e-3f40-5162-738495a6b7c8"),
            ],
            NvidiaSmi.Parse(csv)
        );
    }

    [Theory]
    [InlineData("Failed to initialize NVML: Driver/library version mismatch")]
    [InlineData("No devices were found")]
    [InlineData("Field \"mig.mode.current\" is not a valid field to query.")]
    [InlineData("NVIDIA L4, [Unknown Error], [Unknown Error], [N/A], [N/A]")]
    public void Parse_Complaint_IsNoList(string output) => Assert.Null(NvidiaSmi.Parse(output));

    [Fact]
    public void Find_NoSuchProgram_IsNotKnown() => Assert.Null(new NvidiaSmi("/nowhere/nvidia-smi").Find());

    [Fact]
    public void Find_ProgramFails_IsNotKnown() => Assert.Null(new NvidiaSmi("false").Find());

    [Fact]
    public void Find_Program_IsAskedForGpus()
    {
        using var smi = new StandInSmi("NVIDIA L4, GPU-7b2c, 23034, [N/A], 00000000:3B:00.0");
        Assert.Equal([new NvidiaGpu("NVIDIA L4", "GPU-7b2c", 23034, BusId: "0000:3b:00.0")], new NvidiaSmi(smi.Program).Find());
    }

    [Fact]
    public async Task QueryAsync_ProgramDoesNotAnswer_IsGivenUp()
    {
        using var smi = new StandInSmi("");
        smi.Answer("", "exec sleep 600");
        Assert.Null(await new NvidiaSmi(smi.Program, TimeSpan.FromMilliseconds(50)).QueryAsync("uuid").WaitAsync(HostCall.Patience));
    }

    [Fact]
    public async Task QueryAsync_ProgramComplains_GivesItsWordsAndExitCode()
    {
        using var smi = new StandInSmi("");
        smi.Answer("Unable to determine the device handle", "echo more >&2; exit 15");
        Assert.Equal(
            new SmiAnswer(15, "Unable to determine the device handle\n", "more\n"), await new NvidiaSmi(smi.Program).QueryAsync("uuid"));
    }
}
