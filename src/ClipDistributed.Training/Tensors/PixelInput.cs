using ClipDistributed.Contracts.Models;
using ClipDistributed.Model.Layers;
using static TorchSharp.torch;

namespace ClipDistributed.Training.Tensors;

/// <summary>From stored pixels to the image tower's input.</summary>
internal static class PixelInput
{
    /// <summary>Some of the images as one tensor, [count, 3, side, side] of uint8.</summary>
    /// <param name="images">RGB, [3, side, side] each.</param>
    public static Tensor Stack(IReadOnlyList<byte[]> images, int start, int count, int side, Device device)
    {
        using var scope = NewDisposeScope();
        var pixels = empty([count, 3, side, side], ScalarType.Byte);
        for (int i = 0; i < count; i++)
        {
            using var row = pixels[i]; // a view: its bytes are those of the tensor
            images[start + i].CopyTo(row.bytes);
        }
        return HostData.Send(pixels, device).MoveToOuterDisposeScope();
    }

    /// <summary>(x/255 − mean) / std for each channel.</summary>
    /// <param name="pixels">[b, 3, H, W] of uint8.</param>
    /// <returns>[b, 3, H, W] of float32.</returns>
    public static Tensor Normalize(Tensor pixels, PreprocessConfig preprocess)
    {
        using var scope = NewDisposeScope();
        var (mean, deviation) = (OfChannels(preprocess.Mean), OfChannels(preprocess.Std));
        return pixels.to(ScalarType.Float32).div_(255).sub_(mean).div_(deviation).MoveToOuterDisposeScope();

        Tensor OfChannels(double[] values) => HostData.Send(tensor(values, ScalarType.Float32), pixels.device).view(1, 3, 1, 1);
    }
}
