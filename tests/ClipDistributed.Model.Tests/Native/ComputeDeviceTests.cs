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
