using ClipDistributed.Data.Manifests;
using ClipDistributed.Data.Shards;

namespace ClipDistributed.Data.Preparation;

/// <summary>The captions of a dataset, one row group in memory at a time.</summary>
public static class CaptionReader
{
    /// <summary>More rows than this add nothing to a vocabulary.</summary>
    private const long MostRows = 1_000_000;

    /// <summary>Captions in the order of shards and rows; damaged rows and row groups are left out.</summary>
    /// <param name="mostRows">Shards behind the row group that reaches so many rows are not opened.</param>
    public static IEnumerable<string> Read(DatasetManifest manifest, long mostRows = MostRows)
    {
        long rows = 0;
        foreach (var group in RowGroupReading.Walk(manifest, RowGroupColumns.Caption))
        {
            foreach (string caption in (group.Data?.Captions ?? []).OfType<string>())
                yield return caption;
            rows += group.Data?.Rows ?? 0;
            if (rows >= mostRows)
                yield break;
        }
    }
}
