using ClipDistributed.Contracts.Models;
using ClipDistributed.Data.Batches;
using ClipDistributed.Model.Towers;
using TorchSharp;
using static TorchSharp.torch;

namespace ClipDistributed.Training;

/// <summary>
/// A share, cut into the pieces that pass through the towers at once. Only the piece that is asked for becomes tensors, so
/// the device never holds the pixels of the whole share.
/// </summary>
/// <param name="size">Rows of a piece; the last one may be shorter.</param>
public sealed class MicroBatches(Batch batch, int size, PreprocessConfig preprocess, Device device)
{
    public int Count => (batch.Count + size - 1) / size;

    /// <summary>First row and number of rows of a piece.</summary>
    public (int Start, int Rows) Range(int index) => (index * size, Math.Min(size, batch.Count - index * size));

    /// <summary>Normalised images of a piece, [rows, 3, H, W].</summary>
    public Tensor Images(int index)
    {
        var (start, rows) = Range(index);
        using var pixels = PixelInput.Stack(batch.Images, start, rows, batch.ImageSize, device);
        return PixelInput.Normalize(pixels, preprocess);
    }

    /// <summary>Token ids of a piece, cut after its longest text.</summary>
    public TextInput Texts(int index)
    {
        var (start, rows) = Range(index);
        return TextInput.From(batch.Tokens.AsSpan(start * batch.Context, rows * batch.Context), batch.Context, device);
    }
}
