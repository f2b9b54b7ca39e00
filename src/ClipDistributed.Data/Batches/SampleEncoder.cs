using ClipDistributed.Contracts.Errors;
using ClipDistributed.Data.Images;
using ClipDistributed.Data.Samples;
using ClipDistributed.Data.Streams;
using ClipDistributed.Data.Tokens;

namespace ClipDistributed.Data.Batches;

/// <summary>
/// Turns stored samples into what the towers see: an augmented image and token ids. A pure function of seed, epoch and sample.
/// </summary>
/// <param name="damaged">Receives each row whose image does not decode, on any thread.</param>
public sealed class SampleEncoder(SampleReader reader, StreamOrder order, EncoderSettings settings, Action<DamagedRow> damaged)
{
    private readonly TrainingTransform transform = settings.Transform;
    private readonly ClipTokenizer tokenizer = settings.Tokenizer;
    private readonly int context = settings.Context;

    public int ImageSize => transform.Size;

    private int ImageBytes => 3 * transform.Size * transform.Size;

    /// <summary>Decodes consecutive slots of one step; a row that does not decode is replaced as the order of samples says.</summary>
    public Batch Encode(long step, IReadOnlyList<EncodedSample> samples)
    {
        var rows = new BatchSample[samples.Count];
        var images = new byte[samples.Count][];
        int[] tokens = new int[samples.Count * context];
        for (int i = 0; i < rows.Length; i++)
        {
            images[i] = GC.AllocateUninitializedArray<byte>(ImageBytes);
            var used = Encode(step, samples[i], images[i]);
            tokenizer.Encode(used.Caption, tokens.AsSpan(i * context, context));
            rows[i] = new BatchSample(used.Slot, used.PlannedId, used.UsedId, StepDigest.Checksum(used.Image, used.Caption));
        }
        return new Batch(step, rows, images, transform.Size, tokens, context);
    }

    /// <summary>
    /// Does with one row what <see cref="Encode(long, IReadOnlyList{EncodedSample})"/> does, for what may become of this process.
    /// </summary>
    public void Try(long step, EncodedSample sample)
    {
        TryEncode(step, sample, new byte[ImageBytes]);
        tokenizer.Encode(sample.Caption, new int[context]);
    }

    /// <summary>Writes the image of the sample, or of the first sound one that stands in for it.</summary>
    private EncodedSample Encode(long step, EncodedSample planned, Span<byte> image)
    {
        if (TryEncode(step, planned, image))
            return planned;
        foreach (var candidate in reader.ReplacementsAsync(step, planned.Slot).ToBlockingEnumerable())
        {
            if (TryEncode(step, candidate, image))
                return candidate;
        }
        throw new BadInputException(
            $"Row {planned.PlannedId} of the dataset is damaged and no other row of its epoch can replace it; repair or remove its shard.");
    }

    private bool TryEncode(long step, EncodedSample sample, Span<byte> image)
    {
        try
        {
            var decoded = ImageDecoder.Rent(sample.Image, settings.MaxImagePixels);
            var random = PhiloxSequence.ForSample(settings.Seed, order.EpochOf(step), sample.UsedId);
            transform.Apply(decoded, ref random, image);
            ImageDecoder.GiveBack(decoded);
            return true;
        }
        catch (DamagedImageException damage)
        {
            damaged(new DamagedRow(sample.UsedId, damage.Message));
            return false;
        }
    }
}
