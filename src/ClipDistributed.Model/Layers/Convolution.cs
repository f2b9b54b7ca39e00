using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn.functional;

namespace ClipDistributed.Model.Layers;

/// <summary>A convolution without bias, with a square kernel on square maps.</summary>
public static class Convolution
{
    /// <param name="x">[b, in, h, h].</param>
    /// <param name="kernel">[out, in, k, k].</param>
    /// <param name="padding">Zeros on each side.</param>
    /// <returns>[b, out, h', h'], h' = (h + 2·padding − k)/stride + 1.</returns>
    public static Tensor Run(Tensor x, Tensor kernel, long padding = 0, long stride = 1) =>
        x.device_type == DeviceType.CUDA || IsTrusted(kernel.shape, x.shape[^1])
            ? conv2d(x, kernel, strides: [stride, stride], padding: [padding, padding])
            : ByProduct(x, kernel, padding, stride);

    /// <summary>
    /// libtorch 2.10's convolution is wrong on some processors (AMD EPYC 9005: 24 channels, 3x3, a map of 2x2: off by whole units)
    /// where channels do not fill a register or the map is smaller than the kernel.
    /// </summary>
    private static bool IsTrusted(long[] kernel, long map) =>
        kernel[^1] == 1 || (map >= kernel[^1] && kernel[0] % 16 == 0 && (kernel[1] == 3 || kernel[1] % 16 == 0));

    /// <summary>The patches under the kernel as columns, times the kernel.</summary>
    private static Tensor ByProduct(Tensor x, Tensor kernel, long padding, long stride)
    {
        long side = kernel.shape[^1], map = (x.shape[^1] + 2 * padding - side) / stride + 1;
        var columns = unfold(x, (side, side), padding: (padding, padding), stride: (stride, stride)); // [b, in·k·k, h'·h']
        return kernel.flatten(1).matmul(columns).view(x.shape[0], kernel.shape[0], map, map);
    }
}
