using ClipDistributed.Data.Images;
using ClipDistributed.Data.Manifests;
using ClipDistributed.Data.Blocks;
using ClipDistributed.Data.Shards;

namespace ClipDistributed.Reporting.Datasets;

/// <summary>Some rows from all over a dataset, enough to see what it is like.</summary>
/// <param name="Rows">In the order of the dataset.</param>
public sealed record DatasetSample(IReadOnlyList<SampledRow> Rows)
{
    // A block is read as a whole and may have hundreds of megabytes.
    private const int MaxBlocks = 12;

    /// <summary>Blocks that were to be read but are damaged, a line each.</summary>
    public IReadOnlyList<string> Damage { get; init; } = [];

    /// <summary>Formats and sizes in pixels with how often each was met, most frequent first; what cannot be decoded is "not an
    /// image".</summary>
    public IReadOnlyList<(string Kind, int Count)> ImageKinds =>
        [
            .. Rows.GroupBy(row => KindOf(row.Image))
                .Select(group => (group.Key, group.Count()))
                .OrderByDescending(kind => kind.Item2)
                .ThenBy(kind => kind.Key, StringComparer.Ordinal),
        ];

    /// <summary>Lengths of the captions in words, shortest first; rows without a caption are left out.</summary>
    public IReadOnlyList<int> CaptionWords =>
        [
            .. Rows.Where(row => row.Caption is not null)
                .Select(row => row.Caption!.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Length)
                .Order(),
        ];

    /// <summary>Reads rows evenly spread over a few blocks, which are evenly spread over the dataset; damaged ones are passed
    /// over.</summary>
    /// <param name="manifest">The dataset.</param>
    /// <param name="count">Rows wanted, at least 1; fewer come if the dataset has fewer.</param>
    /// <param name="cancel">Ends the reading.</param>
    /// <exception cref="IOException">A shard cannot be read.</exception>
    public static async Task<DatasetSample> ReadAsync(DatasetManifest manifest, int count, CancellationToken cancel = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        var groups = manifest
            .Shards.SelectMany(shard => shard.Blocks.Select((group, index) => (shard, index, group.Rows)))
            .Where(group => group.Rows > 0)
            .ToArray();
        var chosen = Spread(groups, Math.Min(count, MaxBlocks)).ToArray();
        var rows = new List<SampledRow>();
        var damage = new List<string>();
        for (int i = 0; i < chosen.Length; i++)
        {
            // Small groups leave their part to the later ones.
            int wanted = (count - rows.Count + chosen.Length - i - 1) / (chosen.Length - i);
            try
            {
                var data = await BlockReading.ReadAsync(
                    chosen[i].shard,
                    chosen[i].index,
                    BlockColumns.Image | BlockColumns.Caption | BlockColumns.Label,
                    cancel: cancel
                );
                rows.AddRange(
                    Spread([.. Enumerable.Range(0, data.Rows)], wanted)
                        .Select(row => new SampledRow(data.Images[row], data.Captions[row], data.Labels?[row]))
                );
            }
            catch (DamagedShardException e)
            {
                damage.Add(e.Message);
            }
        }
        return new DatasetSample(rows) { Damage = damage };
    }

    private static IEnumerable<T> Spread<T>(T[] items, int count)
    {
        int taken = Math.Min(items.Length, count);
        return Enumerable.Range(0, taken).Select(i => items[(int)((long)i * items.Length / taken)]);
    }

    private static string KindOf(byte[]? image) => image is null
        ? "no image"
        : ImageDecoder.Describe(image) ?? (ImageText.KindOf(image) is { } kind ? $"not an image: {kind}" : "not an image");
}
