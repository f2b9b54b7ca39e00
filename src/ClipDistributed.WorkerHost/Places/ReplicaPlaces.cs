using ClipDistributed.Contracts.Host.V1;
using ClipDistributed.WorkerHost.Devices;

namespace ClipDistributed.WorkerHost.Places;

/// <summary>Where the replica processes of this host compute, and by which network they reach the others.</summary>
/// <param name="Address">The local address of their collective groups.</param>
/// <param name="Nodes">Of the machine.</param>
/// <param name="Processors">Of this process; null: they are not known.</param>
internal sealed record ReplicaPlaces(string Address, HostDevices Devices, NumaNodes Nodes, IReadOnlyList<int>? Processors)
{
    /// <summary>Of the replica on a device; on a GPU it has no more threads than its share of the processors near that.</summary>
    public ReplicaPlace Of(DeviceKind kind, int index)
    {
        int threads = Devices.Offered[0].Threads;
        if (kind != DeviceKind.Cuda)
            return ReplicaPlace.OnProcessors(threads);
        var place = OnGpu(index) with { Interface = LocalAddress.InterfaceOf(Address) };
        if (place.Processors is not { } near)
            return place;
        int sharing = Devices.Offered.Count(device =>
            device.Kind == DeviceKind.Cuda && OnGpu(device.Index).Processors?.SequenceEqual(near) == true);
        return place with { Threads = Math.Clamp(near.Count / Math.Max(1, sharing), 1, threads) };

        ReplicaPlace OnGpu(int gpu) => ReplicaPlace.OnGpu(gpu, Devices.Gpus.ElementAtOrDefault(gpu), threads, Nodes, Processors);
    }
}
