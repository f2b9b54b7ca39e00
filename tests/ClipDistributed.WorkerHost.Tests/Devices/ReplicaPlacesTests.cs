using System.Diagnostics;
using ClipDistributed.Contracts.Host.V1;
using ClipDistributed.WorkerHost.Devices;

namespace ClipDistributed.WorkerHost.Tests.Devices;

public sealed class ReplicaPlacesTests
{
    private static readonly ReplicaPlaces Places =
        new("127.0.0.1", 2, [new("NVIDIA L4", "GPU-1"), new("NVIDIA L4", "GPU-2"), new("NVIDIA GPU")]);

    [Fact]
    public void Place_GpuWithAnId_IsTheOnlyOneThatTheProcessSees()
    {
        var start = Start();
        Assert.Equal("cuda:0", Places.Place(start, DeviceKind.Cuda, 1));
        Assert.Equal("GPU-2", start.Environment["CUDA_VISIBLE_DEVICES"]);
    }

    [Fact]
    public void Place_GpuWithoutAnId_KeepsItsNumber()
    {
        var start = Start();
        Assert.Equal("cuda:2", Places.Place(start, DeviceKind.Cuda, 2));
        Assert.False(start.Environment.ContainsKey("CUDA_VISIBLE_DEVICES"));
    }

    [Fact]
    public void Place_Gpu_BindsNcclToTheInterfaceOfTheAddress()
    {
        var start = Start();
        Places.Place(start, DeviceKind.Cuda, 0);
        Assert.Equal("=lo", start.Environment["NCCL_SOCKET_IFNAME"]);
    }

    [Fact]
    public void Place_UserChoseAnInterface_KeepsIt()
    {
        var start = Start();
        start.Environment["NCCL_SOCKET_IFNAME"] = "ib0";
        Places.Place(start, DeviceKind.Cuda, 0);
        Assert.Equal("ib0", start.Environment["NCCL_SOCKET_IFNAME"]);
    }

    [Fact]
    public void Place_AddressOfNoInterface_LeavesTheChoiceToNccl()
    {
        var start = Start();
        (Places with { Address = "203.0.113.7" }).Place(start, DeviceKind.Cuda, 0);
        Assert.False(start.Environment.ContainsKey("NCCL_SOCKET_IFNAME"));
    }

    [Fact]
    public void Place_Processors_ChangesNothing()
    {
        var start = Start();
        Assert.Equal("cpu", Places.Place(start, DeviceKind.Cpu, 0));
        Assert.Empty(start.Environment);
    }

    private static ProcessStartInfo Start()
    {
        var start = new ProcessStartInfo("clipd-replica");
        start.Environment.Clear();
        return start;
    }
}
