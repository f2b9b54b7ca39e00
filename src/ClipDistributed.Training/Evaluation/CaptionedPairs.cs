using System.Security.Cryptography;
using ClipDistributed.Contracts.Spec.V1;
using ClipDistributed.Data.Images;
using ClipDistributed.Data.Manifests;
using ClipDistributed.Data.Blocks;
using ClipDistributed.Data.Shards;

namespace ClipDistributed.Training.Evaluation;

/// <summary>Some pairs of a source with captions, spread over its blocks and always the same; small choices stay in memory between
/// evaluations.</summary>
/// <param name="max">Pairs at most; fewer come where rows are damaged, or blocks are much smaller than others.</param>
internal sealed class CaptionedPairs(
    SourceSpec source,
    DatasetManifest manifest,
    int max,
    EvaluationTransform transform,
    long maxImagePixels
)
{
    private const long MaxKeptBytes = 256 << 20;

    // A block is read as a whole: so many are enough for a fair sample, unless they are too small for it.
    private const int FewBlocks = 64;

    private List<PairsPiece>? kept;

    public string Name => source.Name;

    /// <summary>What stays in memory between evaluations, bytes.</summary>
    public long KeptBytes => AllBytes <= MaxKeptBytes ? AllBytes : 0;

    private long AllBytes => Math.Min(max, manifest.Rows) * 3 * transform.Size * transform.Size;

    /// <summary>Null: a shard has no captions.</summary>
    /// <exception cref="Contracts.Errors.BadInputException">The source cannot be used.</exception>
    public static CaptionedPairs? Open(SourceSpec source, int max, EvaluationTransform transform, long maxImagePixels)
    {
        var manifest = ManifestBuilder.Build([source], "data.validation", ColumnNeeds.Looked);
        return manifest.Shards.All(shard => shard.CaptionColumn is not null)
            ? new CaptionedPairs(source, manifest, max, transform, maxImagePixels)
            : null;
    }

    /// <summary>Piece by piece in the order of the rows.</summary>
    /// <exception cref="IOException">A shard cannot be read.</exception>
    public IEnumerable<PairsPiece> Read()
    {
        if (kept is not null)
            return kept;
        return KeptBytes > 0 ? kept = [.. Decode()] : Decode();
    }

    private IEnumerable<PairsPiece> Decode()
    {
        var groups = manifest
            .Shards.SelectMany(shard => shard.Blocks.Select((group, index) => (shard, index, group.Rows)))
            .Where(group => group.Rows > 0)
            .ToArray();
        long fair = Math.Max(FewBlocks, (long)Math.Ceiling((double)max * groups.Length / manifest.Rows));
        var chosen = Spread(groups, fair).ToArray();
        long taken = 0;
        for (int i = 0; i < chosen.Length && taken < max; i++)
        {
            // Small groups leave their part to the later ones.
            var (shard, index, rows) = chosen[i];
            int[] wanted = [.. Spread([.. Enumerable.Range(0, (int)rows)], (max - taken + chosen.Length - i - 1) / (chosen.Length - i))];
            taken += wanted.Length;
            var group = TryRead(shard, index);
            if (group is null)
            {
                yield return new PairsPiece([], [], wanted.Length);
                continue;
            }
            foreach (int[] piece in wanted.Chunk(Features.ImagesAtOnce))
                yield return Decode(group, piece);
        }
    }

    private static BlockData? TryRead(ShardEntry shard, int index)
    {
        try
        {
            return BlockReading.ReadAsync(shard, index, BlockColumns.Image | BlockColumns.Caption).GetAwaiter().GetResult();
        }
        catch (DamagedShardException)
        {
            return null; // counted by the piece
        }
    }

    private PairsPiece Decode(BlockData group, int[] rows)
    {
        var images = new byte[]?[rows.Length];
        Parallel.For(0, rows.Length, i => images[i] = group.Captions[rows[i]] is null ? null : Decode(group.Images[rows[i]]));
        int[] sound = [.. Enumerable.Range(0, rows.Length).Where(i => images[i] is not null)];
        return new PairsPiece(
            [.. sound.Select(i => images[i]!)], [.. sound.Select(i => group.Captions[rows[i]]!)], rows.Length - sound.Length)
        {
            Digests = [.. sound.Select(i => Convert.ToHexStringLower(SHA256.HashData(group.Images[rows[i]]!)))],
        };
    }

    private byte[]? Decode(byte[]? stored)
    {
        try
        {
            byte[] image = new byte[3 * transform.Size * transform.Size];
            transform.Apply(ImageDecoder.Decode(stored, maxImagePixels), image);
            return image;
        }
        catch (DamagedImageException)
        {
            return null; // counted by the piece
        }
    }

    private static IEnumerable<T> Spread<T>(T[] items, long count)
    {
        long taken = Math.Min(items.Length, count);
        return Enumerable.Range(0, (int)taken).Select(i => items[i * items.Length / taken]);
    }
}

/// <summary>Some pairs that were decoded.</summary>
/// <param name="Images">RGB, [3, size, size] each.</param>
/// <param name="Captions">One for each image.</param>
/// <param name="Damaged">Rows that were left out: no caption, or an image that does not decode.</param>
internal sealed record PairsPiece(IReadOnlyList<byte[]> Images, IReadOnlyList<string> Captions, int Damaged)
{
    /// <summary>Equal where the stored bytes of images are, one for each image.</summary>
    public IReadOnlyList<string> Digests { get; init; } = [];
}
