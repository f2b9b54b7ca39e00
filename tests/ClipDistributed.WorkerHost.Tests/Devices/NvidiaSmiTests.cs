using ClipDistributed.WorkerHost.Devices;

namespace ClipDistributed.WorkerHost.Tests.Devices;

public sealed class NvidiaSmiTests
{
    [Fact]
    public void Parse_List_GivesEachGpu()
    {
        const string csv = """
            NVIDIA H100 80GB HBM3, GPU-5f0b3b2c-1d2e-3f40-5162-738495a6b7c8, 81559, Disabled
            NVIDIA A100-SXM4-40GB, GPU-6a1b3b2c-1d2e-3f40-5162-738495a6b7c8, 40960, Enabled
            NVIDIA L4, GPU-7b2c3b2c-1d2e-3f40-5162-738495a6b7c8, [N/A], [N/A]

            """;
        Assert.Equal(
            [
                new NvidiaGpu("NVIDIA H100 80GB HBM3", "GPU-5f0b3b2c-1d2e-3f40-5162-738495a6b7c8", 81559),
                new NvidiaGpu("NVIDIA A100-SXM4-40GB", "GPU-6a1b3b2c-1d2e-3f40-5162-738495a6b7c8", 40960, IsCut: true),
                new NvidiaGpu("NVIDIA L4", "GPU-7b2c3b2c-1d2e-3f40-5162-738495a6b7c8"),
            ],
            NvidiaSmi.Parse(csv)
        );
    }

    [Theory]
    [InlineData("Failed to initialize NVML: Driver/library version mismatch")]
    [InlineData("No devices were found")]
    [InlineData("Field \"mig.mode.current\" is not a valid field to query.")]
    [InlineData("NVIDIA L4, [Unknown Error], [Unknown Error], [N/A]")]
    public void Parse_Complaint_IsNoList(string output) => Assert.Null(NvidiaSmi.Parse(output));

    [Fact]
    public void Find_NoSuchProgram_IsNotKnown() => Assert.Null(new NvidiaSmi("/nowhere/nvidia-smi").Find());

    [Fact]
    public void Find_ProgramFails_IsNotKnown() => Assert.Null(new NvidiaSmi("false").Find());
}
