using ClipDistributed.Contracts.Models;
using ClipDistributed.Data.Batches;
using ClipDistributed.Model.Towers;
using TorchSharp;
using static TorchSharp.torch;

namespace ClipDistributed.Training;

/// <summary>A share on the device, cut into the pieces that pass through the towers at once.</summary>
public sealed class MicroBatches : IDisposable
{
    private readonly Batch batch;
    private readonly int size;
    private readonly PreprocessConfig preprocess;
    private readonly Tensor pixels;

    /// <param name="size">Rows of a piece; the last one may be shorter.</param>
    public MicroBatches(Batch batch, int size, PreprocessConfig preprocess, Device device)
    {
        this.batch = batch;
        this.size = size;
        this.preprocess = preprocess;
        using var scope = NewDisposeScope();
        pixels = tensor(batch.Images, [batch.Count, 3, batch.ImageSize, batch.ImageSize], ScalarType.Byte).to(device).DetachFromDisposeScope();
    }

    public int Rows => batch.Count;

    public int Count => (batch.Count + size - 1) / size;

    /// <summary>First row and number of rows of a piece.</summary>
    public (int Start, int Rows) Range(int index) => (index * size, Math.Min(size, batch.Count - index * size));

    /// <summary>Normalised images of a piece, [rows, 3, H, W].</summary>
    public Tensor Images(int index)
    {
        var (start, rows) = Range(index);
        return PixelInput.Normalize(pixels.narrow(0, start, rows), preprocess);
    }

    /// <summary>Token ids of a piece, cut after its longest text.</summary>
    public TextInput Texts(int index)
    {
        var (start, rows) = Range(index);
        return TextInput.From(batch.Tokens.AsSpan(start * batch.Context, rows * batch.Context), batch.Context, pixels.device);
    }

    public void Dispose() => pixels.Dispose();
}
