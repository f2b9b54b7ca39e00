using ClipDistributed.WorkerHost.Places;

namespace ClipDistributed.WorkerHost.Tests.Places;

public sealed class DeviceRequestTests
{
    [Theory]
    [InlineData("cpu", 0)]
    [InlineData("cuda", null)]
    [InlineData("cuda:3", 1)]
    [InlineData("cuda:1,cuda:0", 2)]
    public void Parse_Devices_CanBeWrittenAgain(string text, int? gpus)
    {
        var request = DeviceRequest.Parse(text);
        Assert.Equal((text, gpus), ($"{request}", request!.Gpus?.Count));
    }

    [Theory]
    [InlineData("")]
    [InlineData("gpu")]
    [InlineData("CUDA:0")]
    [InlineData("cuda:")]
    [InlineData("cuda:-1")]
    [InlineData("cuda:99999999999")]
    [InlineData("cuda:0,cuda:0")] // two replicas on one
    [InlineData("cuda:0,1")]
    [InlineData("cpu,cuda:0")]
    public void Parse_NoDevices_IsNull(string text) => Assert.Null(DeviceRequest.Parse(text));
}
