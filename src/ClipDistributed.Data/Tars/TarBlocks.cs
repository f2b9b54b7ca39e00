using ClipDistributed.Contracts.Errors;
using ClipDistributed.Data.Shards;

namespace ClipDistributed.Data.Tars;

/// <summary>Cuts a tar into blocks: stretches that hold all members of their samples, so that each is read by itself.</summary>
internal static class TarBlocks
{
    private const int RowsPerBlock = 1024;
    private const long BytesPerBlock = 256 << 20, MaxBytes = 2L << 30;

    /// <param name="rows">In the order of the file, at least one.</param>
    /// <exception cref="InvalidDataException">Members of a sample lie so far apart that too much would have to be read at once.</exception>
    public static IReadOnlyList<BlockEntry> Cut(TarSamples samples, IReadOnlyList<TarRow> rows)
    {
        var blocks = new List<BlockEntry>();
        long start = samples.FirstOf(rows[0].Sample), bytes = 0, count = 0, end = 0;
        int next = 0; // of the samples that have not been passed
        foreach (var row in rows)
        {
            for (; next < row.Sample; next++)
                end = Math.Max(end, samples.EndOf(next));
            long first = samples.FirstOf(row.Sample);
            if ((count >= RowsPerBlock || bytes >= BytesPerBlock) && end <= first)
            {
                blocks.Add(new BlockEntry(count, bytes) { Start = start });
                (start, bytes, count) = (first, 0, 0);
            }
            count++;
            bytes += TarRows.BytesOf(row);
            if (bytes > MaxBytes)
            {
                throw new InvalidDataException(
                    $"the parts of its samples lie so far apart that more than {Counted.Of(MaxBytes, "byte")} would have to be read at "
                        + "once; write it with its names in order (tar --sort=name)");
            }
        }
        blocks.Add(new BlockEntry(count, bytes) { Start = start });
        return blocks;
    }
}
