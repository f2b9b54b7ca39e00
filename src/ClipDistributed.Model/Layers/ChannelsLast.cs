using TorchSharp;
using static TorchSharp.torch;

namespace ClipDistributed.Model.Layers;

/// <summary>
/// Maps with the channels of a place side by side, as tensor cores take them. libtorch keeps the layout from layer to layer and turns
/// kernels by itself; what it computes is the same.
/// </summary>
internal static class ChannelsLast
{
    public static bool IsFor(DeviceType device) => device == DeviceType.CUDA;

    /// <param name="maps">[b, c, h, w].</param>
    /// <returns>The same numbers and shape, in memory as [b, h, w, c].</returns>
    public static Tensor LayOut(Tensor maps) => maps.permute(0, 2, 3, 1).contiguous().permute(0, 3, 1, 2);
}
