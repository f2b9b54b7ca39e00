using TorchSharp;
using static TorchSharp.torch;

namespace ClipDistributed.Model.Layers;

/// <summary>Numbers of the host on their way to where they are computed with.</summary>
public static class HostData
{
    /// <summary>
    /// The host does not wait for a GPU: a copy from its ordinary memory returns only when all is done that was queued before it, one
    /// from pinned memory is queued as well. libtorch lets no other copy have that memory until this one is done.
    /// </summary>
    /// <param name="host">On the host; not changed any more.</param>
    /// <returns>On the device; on processors <paramref name="host"/> itself.</returns>
    public static Tensor Send(Tensor host, Device device)
    {
        if (device.type == DeviceType.CPU)
            return host;
        if (device.type != DeviceType.CUDA)
            return host.to(device);
        using var pinned = host.pin_memory();
        return pinned.to(device, non_blocking: true);
    }
}
