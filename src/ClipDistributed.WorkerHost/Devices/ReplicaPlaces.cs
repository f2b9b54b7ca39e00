using System.Diagnostics;
using System.Net;
using System.Net.NetworkInformation;
using ClipDistributed.Contracts.Host.V1;

namespace ClipDistributed.WorkerHost.Devices;

/// <summary>Where the replica processes of this host compute, and by which network they reach the others.</summary>
/// <param name="Address">The local address of their collective groups.</param>
/// <param name="Threads">Of one tensor operator.</param>
/// <param name="Gpus">By the index of their device.</param>
internal sealed record ReplicaPlaces(string Address, int Threads, IReadOnlyList<NvidiaGpu> Gpus)
{
    /// <summary>NCCL would choose by itself, and not always the network on which members asked each other.</summary>
    private const string NcclInterface = "NCCL_SOCKET_IFNAME";

    /// <summary>Prepares the environment of a replica's process.</summary>
    /// <returns>The device as that process names it.</returns>
    public string Place(ProcessStartInfo start, DeviceKind kind, int index)
    {
        if (kind != DeviceKind.Cuda)
            return "cpu";
        if (!start.Environment.ContainsKey(NcclInterface) && InterfaceOf(Address) is { } found)
            start.Environment[NcclInterface] = $"={found}"; // the name itself, not all that begin with it
        if (Gpus.ElementAtOrDefault(index)?.Uuid is not { } id)
            return $"cuda:{index}";
        start.Environment[NvidiaGpus.VisibleVariable] = id;
        return "cuda:0";
    }

    private static string? InterfaceOf(string address)
    {
        if (!IPAddress.TryParse(address, out var ip))
            return address;
        return NetworkInterface
            .GetAllNetworkInterfaces()
            .FirstOrDefault(each =>
                each.GetIPProperties().UnicastAddresses.Any(entry => entry.Address.Equals(ip))
                || IPAddress.IsLoopback(ip) && each.NetworkInterfaceType == NetworkInterfaceType.Loopback
            )
            ?.Name;
    }
}
