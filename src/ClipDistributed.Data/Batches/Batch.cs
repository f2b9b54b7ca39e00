using ClipDistributed.Data.Streams;

namespace ClipDistributed.Data.Batches;

/// <summary>One replica's share of a step, decoded, augmented and tokenised, in the order of its slots.</summary>
/// <param name="Step">The step, from 1.</param>
/// <param name="Samples">Who is in each row.</param>
/// <param name="Images">A row each: RGB, [3, size, size], 0 to 255. A large share has more bytes than one array can hold.</param>
/// <param name="Tokens">Ids, [b, context]; padded with 0.</param>
public sealed record Batch(
    long Step, IReadOnlyList<BatchSample> Samples, IReadOnlyList<byte[]> Images, int ImageSize, int[] Tokens, int Context)
{
    /// <param name="images">All rows in one array, [b, 3, size, size].</param>
    public Batch(long step, IReadOnlyList<BatchSample> samples, byte[] images, int imageSize, int[] tokens, int context)
        : this(step, samples, [.. images.Chunk(3 * imageSize * imageSize)], imageSize, tokens, context)
    {
    }

    public int Count => Samples.Count;
}

/// <summary>One row of a batch.</summary>
/// <param name="Slot">Its place in the global batch.</param>
/// <param name="Planned">The sample that the order of samples puts there.</param>
/// <param name="Used">The sample that is there; another one only where the planned one is damaged.</param>
/// <param name="Crc">CRC-32C of the stored image bytes followed by the caption's bytes.</param>
public sealed record BatchSample(int Slot, SampleId Planned, SampleId Used, uint Crc);
