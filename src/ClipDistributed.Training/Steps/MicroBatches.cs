using ClipDistributed.Contracts.Models;
using ClipDistributed.Data.Batches;
using ClipDistributed.Data.Streams;
using ClipDistributed.Model.Towers;
using ClipDistributed.Training.Tensors;
using TorchSharp;
using static TorchSharp.torch;

namespace ClipDistributed.Training.Steps;

/// <summary>
/// A share, divided into the pieces that pass through the towers at once. Only the piece that is requested becomes tensors, so
/// the device holds the pixels of the whole share only where it has room for them. Every piece that is requested is added to a digest.
/// </summary>
/// <param name="size">Rows of a piece; the last one may be shorter.</param>
/// <param name="entering">Receives the number of each piece that enters a tower.</param>
public sealed class MicroBatches(Batch batch, int size, PreprocessConfig preprocess, Device device, Action<int>? entering = null)
    : IDisposable
{
    // Of a GPU's memory, and what one has whose memory is not known.
    private const long PartOfMemory = 16, UnknownMemory = 4L << 30;

    private readonly StepDigest[] rowDigests = [.. batch.Samples.Select(row => StepDigest.Of(row.Slot, row.Planned, row.Used, row.Crc))];
    private readonly Dictionary<(bool Images, bool Graph), StepDigest> entered = [];
    private readonly Dictionary<int, Tensor> kept = []; // pixels that entered once, uint8

    /// <summary>The pixels of a piece stay on the device from its first pass to its second.</summary>
    public bool KeepsPixels { get; init; }

    public int Count => (batch.Count + size - 1) / size;

    /// <summary>Whether a share's pixels stay on the device: processors have them already, and a GPU may have better use for its
    /// memory.</summary>
    /// <param name="memory">Of the GPU, bytes in all; null: not known.</param>
    public static bool PixelsFit(Batch share, DeviceType device, long? memory) =>
        device == DeviceType.CUDA && 3L * share.Count * share.ImageSize * share.ImageSize <= MaxKept(memory);

    /// <summary>Bytes of pixels that stay on a GPU at most.</summary>
    /// <param name="memory">Of the GPU, bytes in all; null: not known.</param>
    public static long MaxKept(long? memory) => (memory ?? UnknownMemory) / PartOfMemory;

    /// <summary>First row and number of rows of a piece.</summary>
    public (int Start, int Rows) Range(int index) => (index * size, Math.Min(size, batch.Count - index * size));

    /// <summary>Normalised images of a piece, [rows, 3, H, W], on their way into the tower.</summary>
    public Tensor Images(int index)
    {
        var (start, rows) = Enter(index, images: true);
        bool again = kept.Remove(index, out var found);
        var pixels = found ?? PixelInput.Stack(batch.Images, start, rows, batch.ImageSize, device);
        var images = PixelInput.Normalize(pixels, preprocess);
        if (KeepsPixels && !again)
            kept[index] = pixels.DetachFromDisposeScope();
        else
            pixels.Dispose();
        return images;
    }

    /// <summary>Token ids of a piece on their way into the tower that the config describes.</summary>
    public TextInput Texts(int index, TextConfig config)
    {
        var (start, rows) = Enter(index, images: false);
        return TextInput.From(batch.Tokens.AsSpan(start * batch.Context, rows * batch.Context), config, device);
    }

    /// <summary>The digest of the rows that entered the towers in the pass with the graph.</summary>
    /// <exception cref="InvalidOperationException">The two towers, or the two passes of gradient caching, saw other rows.</exception>
    public StepDigest Digest()
    {
        var digest = entered.GetValueOrDefault((Images: true, Graph: true));
        if (entered.Values.Any(other => other != digest))
            throw new InvalidOperationException(
                $"Step {batch.Step}: the passes through the towers saw different rows ({string.Join("; ", entered)})."
            );
        return digest;
    }

    public void Dispose()
    {
        foreach (var pixels in kept.Values)
            pixels.Dispose();
        kept.Clear();
    }

    private (int Start, int Rows) Enter(int index, bool images)
    {
        entering?.Invoke(index);
        var (start, rows) = Range(index);
        var pass = (images, is_grad_enabled());
        entered[pass] = rowDigests.AsSpan(start, rows).ToArray().Aggregate(entered.GetValueOrDefault(pass), (sum, row) => sum + row);
        return (start, rows);
    }
}
