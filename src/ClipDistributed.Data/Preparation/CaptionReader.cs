using ClipDistributed.Data.Manifests;
using ClipDistributed.Data.Shards;

namespace ClipDistributed.Data.Preparation;

/// <summary>All captions of a dataset, one row group in memory at a time.</summary>
public static class CaptionReader
{
    /// <summary>More rows than this add nothing to a vocabulary.</summary>
    private const long MostRows = 1_000_000;

    /// <summary>Captions in the order of shards and rows; damaged rows are left out.</summary>
    public static IEnumerable<string> Read(DatasetManifest manifest)
    {
        long left = MostRows;
        foreach (var entry in manifest.Shards)
        {
            var shard = ParquetShard.OpenAsync(entry).GetAwaiter().GetResult();
            try
            {
                for (int group = 0; group < entry.RowGroups.Count && left > 0; group++)
                {
                    var captions = shard.ReadRowGroupAsync(group).GetAwaiter().GetResult().Captions;
                    left -= captions.Length;
                    foreach (string caption in captions.OfType<string>())
                        yield return caption;
                }
            }
            finally
            {
                shard.DisposeAsync().AsTask().GetAwaiter().GetResult();
            }
        }
    }
}
