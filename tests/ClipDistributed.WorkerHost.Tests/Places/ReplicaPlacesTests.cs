using System.Diagnostics;
using ClipDistributed.Contracts.Host.V1;
using ClipDistributed.WorkerHost.Devices;
using ClipDistributed.WorkerHost.Places;

namespace ClipDistributed.WorkerHost.Tests.Places;

public sealed class ReplicaPlacesTests : IDisposable
{
    private static readonly NvidiaGpu[] Gpus =
    [
        new("NVIDIA L4", "GPU-1", BusId: "0000:01:00.0"), new("NVIDIA L4", "GPU-2", BusId: "0000:02:00.0"), new("NVIDIA GPU"),
        new("NVIDIA L4", "GPU-4", BusId: "0000:04:00.0"),
    ];

    private readonly SimulatedNodes nodes = new();

    [Fact]
    public void Of_GpuWithAnId_IsTheOnlyOneThatTheProcessSees()
    {
        var place = Places().Of(DeviceKind.Cuda, 1);
        Assert.Equal("cuda:0", place.Device);
        Assert.Equal("GPU-2", Prepared(place)["CUDA_VISIBLE_DEVICES"]);
    }

    [Fact]
    public void Of_GpuWithoutAnId_KeepsItsNumber()
    {
        var place = Places().Of(DeviceKind.Cuda, 2);
        Assert.Equal("cuda:2", place.Device);
        Assert.False(Prepared(place).ContainsKey("CUDA_VISIBLE_DEVICES"));
    }

    [Fact]
    public void Of_Gpu_BindsNcclToTheInterfaceOfTheAddress() =>
        Assert.Equal("=lo", Prepared(Places().Of(DeviceKind.Cuda, 0))["NCCL_SOCKET_IFNAME"]);

    [Fact]
    public void Of_UserChoseAnInterface_KeepsIt() =>
        Assert.Equal("ib0", Prepared(Places().Of(DeviceKind.Cuda, 0), ("NCCL_SOCKET_IFNAME", "ib0"))["NCCL_SOCKET_IFNAME"]);

    [Fact]
    public void Of_AddressOfNoInterface_LeavesTheChoiceToNccl() =>
        Assert.False(Prepared((Places() with { Address = "203.0.113.7" }).Of(DeviceKind.Cuda, 0)).ContainsKey("NCCL_SOCKET_IFNAME"));

    [Fact]
    public void Of_Processors_ChangesNothing()
    {
        var place = Places().Of(DeviceKind.Cpu, 0);
        Assert.Equal(ReplicaPlace.OnProcessors(8), place);
        Assert.Empty(Prepared(place));
    }

    [Fact]
    public void Of_GpusOfTwoNodes_AreBoundToTheProcessorsNearThemAndShareThem()
    {
        nodes.Add("0000:01:00.0", 0, "0-5");
        nodes.Add("0000:02:00.0", 1, "6-11");
        nodes.Add("0000:04:00.0", 1, "6-11");
        var places = Places();
        Assert.Equal((6, "0 1 2 3 4 5"), Bound(places.Of(DeviceKind.Cuda, 0)));
        Assert.Equal((3, "6 7 8 9 10 11"), Bound(places.Of(DeviceKind.Cuda, 1)));
        Assert.Equal((8, ""), Bound(places.Of(DeviceKind.Cuda, 2))); // where it is, is not known
        Assert.Equal((3, "6 7 8 9 10 11"), Bound(places.Of(DeviceKind.Cuda, 3)));
    }

    [Theory]
    [InlineData("4-7,20", "0-5", "4 5")] // what taskset or a cpuset left of them
    [InlineData("6-7", "0-5", "")] // nothing
    [InlineData("0-11", "0-5", "")] // all that there are
    [InlineData("0-3", "", "")] // not known
    [InlineData("no list", "0-5", "")]
    public void Of_ProcessorsOfThisProcess_AreNeverExceeded(string near, string own, string expected)
    {
        nodes.Add("0000:01:00.0", 0, near);
        var places = Places() with { Processors = own == "" ? null : ProcessorList.Parse(own) };
        Assert.Equal(expected, Bound(places.Of(DeviceKind.Cuda, 0)).Processors);
    }

    public void Dispose() => nodes.Dispose();

    private ReplicaPlaces Places() =>
        new(
            "127.0.0.1",
            new HostDevices([.. Gpus.Select((gpu, index) => gpu.ToDevice(index, threads: 8))], Gpus, Notice: null),
            nodes.Nodes,
            ProcessorList.Parse("0-15")
        );

    private static (int Threads, string Processors) Bound(ReplicaPlace place) => (place.Threads, string.Join(' ', place.Processors ?? []));

    private static IDictionary<string, string?> Prepared(ReplicaPlace place, params (string Name, string Value)[] environment)
    {
        var start = new ProcessStartInfo("clipd-replica");
        start.Environment.Clear();
        foreach (var (name, value) in environment)
            start.Environment[name] = value;
        place.Prepare(start);
        return start.Environment;
    }
}
