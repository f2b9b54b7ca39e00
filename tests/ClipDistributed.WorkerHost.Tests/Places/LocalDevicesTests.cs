using ClipDistributed.Contracts.Errors;
using ClipDistributed.WorkerHost.Devices;
using ClipDistributed.WorkerHost.Places;

namespace ClipDistributed.WorkerHost.Tests.Places;

public sealed class LocalDevicesTests
{
    private const string Unusable = "the libtorch in /x computes on processors alone; build another";

    private static readonly NvidiaGpu Cut = new("NVIDIA A100", "GPU-0", IsCut: true);

    private static readonly NvidiaGpu[] Gpus = [Cut, new("NVIDIA L4", "GPU-1", BusId: "0000:01:00.0"), new("NVIDIA L4", "GPU-2")];

    [Theory]
    [InlineData(null, 1, "1")] // the first that is whole
    [InlineData(null, 2, "1 2")]
    [InlineData("cuda", 2, "1 2")]
    [InlineData("cuda:2", 1, "2")]
    [InlineData("cuda:2,cuda:1", 2, "2 1")]
    [InlineData("cpu", 4, "")]
    public void Choose_GpusCanBeUsed_AreThoseAskedFor(string? asked, int replicas, string expected)
    {
        var chosen = LocalDevices.Choose(Asked(asked), replicas, Gpus, unusable: null);
        Assert.Equal((expected, null), (string.Join(' ', chosen.Gpus), chosen.Notice));
    }

    [Fact]
    public void Choose_NothingAskedAndNoGpus_AreTheProcessors()
    {
        var chosen = LocalDevices.Choose(asked: null, replicas: 4, [], unusable: null);
        Assert.Equal((0, null), (chosen.Gpus.Count, chosen.Notice));
        Assert.Null(LocalDevices.Choose(asked: null, replicas: 1, [], Unusable).Notice);
    }

    [Fact]
    public void Choose_NothingAskedAndGpusThatCannotBeUsed_AreTheProcessorsWithANotice()
    {
        var chosen = LocalDevices.Choose(asked: null, replicas: 4, Gpus, Unusable);
        Assert.Equal((0, $"The GPUs of this machine are not used: {Unusable}."), (chosen.Gpus.Count, chosen.Notice));
        Assert.NotNull(LocalDevices.Choose(asked: null, replicas: 1, [Cut], unusable: null).Notice);
    }

    [Theory]
    [InlineData("cuda", 1, 3, Unusable, $"--device is cuda, but {Unusable}, or use --device cpu.")]
    [InlineData(
        "cuda:7", 1, 3, null, "--device is cuda:7; this machine has 3 GPUs, cuda:0 to cuda:2, 1 of them cut into MIG instances. Use one of "
            + "them, or --device cpu.")]
    [InlineData("cuda:0", 1, 0, null, "--device is cuda:0; this machine has no GPU that the NVIDIA driver shows. Use --device cpu.")]
    [InlineData("cuda", 1, 0, null, "--device is cuda; this machine has no GPU that the NVIDIA driver shows. Use --device cpu.")]
    [InlineData(
        "cuda:0", 1, 3, null, "--device is cuda:0, and cuda:0 is cut into MIG instances; replicas use whole GPUs: end that with "
            + "`nvidia-smi -mig 0`, or use another device.")]
    [InlineData(
        null, 3, 3, null, "--replicas is 3, one for each GPU, and this machine has 3 GPUs, cuda:0 to cuda:2, 1 of them cut into MIG "
            + "instances; use --replicas 2, or --device cpu for replicas on the processors.")]
    public void Choose_WhatCannotBeUsed_IsRefusedInOneLine(string? asked, int replicas, int gpus, string? unusable, string expected)
    {
        var refused = Assert.Throws<BadInputException>(() => LocalDevices.Choose(Asked(asked), replicas, Gpus[..gpus], unusable));
        Assert.Equal([expected], refused.Errors);
    }

    [Fact]
    public void Place_Gpu_IsAloneAndHasNoMoreThreadsThanProcessorsNearIt()
    {
        using var machine = new SimulatedNodes();
        machine.Add("0000:01:00.0", 0, "0-3");
        var chosen = LocalDevices.Choose(Asked("cuda:1"), replicas: 1, Gpus, unusable: null);
        var place = chosen.Place(threads: 8, machine.Nodes, ProcessorList.Parse("0-7"));
        Assert.Equal(("cuda:0", 4, "GPU-1"), (place.Device, place.Threads, place.VisibleGpu));
        Assert.Equal([0, 1, 2, 3], place.Processors);
        Assert.Equal(2, chosen.Place(threads: 2, machine.Nodes, ProcessorList.Parse("0-7")).Threads);
    }

    private static DeviceRequest? Asked(string? text) => text is null ? null : DeviceRequest.Parse(text)!;
}
