using ClipDistributed.Contracts.Spec.V1;
using ClipDistributed.Data.Blocks;
using ClipDistributed.Data.Manifests;
using ClipDistributed.Data.Samples;
using ClipDistributed.Data.Shards;

namespace ClipDistributed.TestKit.ParquetFiles;

/// <summary>A dataset as the web would have it: every 40th image cut short, every 55th caption missing, every 90th image a web
/// page.</summary>
public static class DamagedCopy
{
    /// <summary>Whether a row of the copy cannot be used.</summary>
    public static bool IsDamaged(int row) => IsCut(row) || IsMute(row) || IsPage(row);

    public static bool IsCut(int row) => row % 40 == 7;

    public static bool IsMute(int row) => row % 55 == 9;

    public static bool IsPage(int row) => row % 90 == 31;

    /// <param name="from">A folder of shards.</param>
    /// <param name="to">The folder of the copy.</param>
    public static async Task WriteAsync(string from, string to)
    {
        await using var writer = new ParquetShardWriter(to, "rows", rowsPerShard: 400, rowsPerGroup: 100);
        int row = 0;
        foreach (var entry in ManifestBuilder.Build([new SourceSpec { Path = from }]).Shards)
        {
            for (int group = 0; group < entry.Blocks.Count; group++)
            {
                var rows = BlockReading.ReadOnce(entry, group);
                for (int i = 0; i < rows.Rows; i++, row++)
                    await writer.AddAsync(
                        IsPage(row) ? "<html>"u8.ToArray()
                            : IsCut(row) ? rows.Images[i]![..60]
                            : rows.Images[i],
                        IsMute(row) ? null : rows.Captions[i]
                    );
            }
        }
    }
}
