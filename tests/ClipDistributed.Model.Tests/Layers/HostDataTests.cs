using ClipDistributed.Model.Layers;
using TorchSharp;
using static TorchSharp.torch;

namespace ClipDistributed.Model.Tests.Layers;

public sealed class HostDataTests
{
    [Fact]
    public void Send_ToProcessors_IsTheSameTensor()
    {
        using var scope = NewDisposeScope();
        var host = arange(6);
        Assert.Same(host, HostData.Send(host, CPU));
    }

    [Fact]
    public void Send_ToAnotherDevice_IsThere()
    {
        using var scope = NewDisposeScope();
        var sent = HostData.Send(arange(6), META);
        Assert.Equal((DeviceType.META, 6), (sent.device_type, (int)sent.numel()));
    }
}
