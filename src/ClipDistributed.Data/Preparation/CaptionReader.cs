using ClipDistributed.Data.Manifests;
using ClipDistributed.Data.Blocks;
using ClipDistributed.Data.Shards;

namespace ClipDistributed.Data.Preparation;

/// <summary>The captions of a dataset, one block in memory at a time.</summary>
public static class CaptionReader
{
    /// <summary>More rows than this add nothing to a vocabulary.</summary>
    private const long MaxRows = 1_000_000;

    /// <summary>Captions in the order of shards and rows; damaged rows and blocks are left out.</summary>
    /// <param name="maxRows">Shards after the block that reaches so many rows are not opened.</param>
    public static IEnumerable<string> Read(DatasetManifest manifest, long maxRows = MaxRows)
    {
        long rows = 0;
        foreach (var group in BlockReading.Walk(manifest, BlockColumns.Caption))
        {
            foreach (string caption in (group.Data?.Captions ?? []).OfType<string>())
                yield return caption;
            rows += group.Data?.Rows ?? 0;
            if (rows >= maxRows)
                yield break;
        }
    }
}
