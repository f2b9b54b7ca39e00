using ClipDistributed.Contracts.Errors;
using ClipDistributed.Model.Native;
using TorchSharp;

namespace ClipDistributed.Model.Tests.Native;

public sealed class ComputeDeviceTests
{
    [Fact]
    public void Open_Cpu_IsTheProcessors() => Assert.Equal(DeviceType.CPU, ComputeDevice.Open("cpu").type);

    [Fact]
    public void Open_GpuWithoutLibTorchForIt_IsBadInputThatSaysWhatToDo()
    {
        Assert.SkipWhen(LibTorch.HasCuda, "this build's libtorch computes on GPUs");
        var error = Assert.Throws<BadInputException>(() => ComputeDevice.Open("cuda:0"));
        Assert.Equal(
            "cuda:0 cannot be used: this libtorch computes on processors alone; build with `dotnet build -p:Accelerator=cuda`, or give the "
                + "folder of another with --libtorch.",
            error.Message
        );
    }

    /// <summary>The settings are libtorch's own and exist without a GPU; where there is none they come before the refusal.</summary>
    [Fact]
    public void Open_Gpu_KeepsAllBitsOfFloat32()
    {
        (torch.backends.cudnn.allow_tf32, torch.backends.cuda.matmul.allow_tf32) = (true, true);
        _ = Record.Exception(() => ComputeDevice.Open("cuda:0"));
        Assert.False(torch.backends.cudnn.allow_tf32);
        Assert.False(torch.backends.cuda.matmul.allow_tf32);
    }

    [Theory]
    [InlineData(1, 1, "cuda:1 cannot be used: libtorch finds one GPU.")]
    [InlineData(8, 8, "cuda:8 cannot be used: libtorch finds 8 GPUs.")]
    public void CheckIndex_FewerGpus_IsBadInputThatCountsThem(int index, int count, string expected) =>
        Assert.Equal(expected, Assert.Throws<BadInputException>(() => ComputeDevice.CheckIndex($"cuda:{index}", index, count)).Message);

    [Theory]
    [InlineData(0, 1)]
    [InlineData(7, 8)]
    public void CheckIndex_OneOfThem_IsAccepted(int index, int count) => ComputeDevice.CheckIndex($"cuda:{index}", index, count);

    [Theory]
    [InlineData("")]
    [InlineData("gpu")]
    [InlineData("cuda")]
    [InlineData("cuda:")]
    [InlineData("cuda:-1")]
    [InlineData("CPU")]
    [InlineData("meta")]
    public void Open_AnotherName_IsBadInput(string name) => Assert.Throws<BadInputException>(() => ComputeDevice.Open(name));
}
