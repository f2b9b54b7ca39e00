namespace ClipDistributed.Data.ParquetFiles;

/// <summary>Where the chunks of a file lie: beside each other, or a small file could hold as much as its footer has lines.</summary>
internal static class ChunkPlaces
{
    /// <exception cref="InvalidDataException">Two chunks share bytes.</exception>
    public static void CheckDisjoint(IReadOnlyList<RowGroupFooter> groups)
    {
        int count = groups.Sum(group => group.Chunks.Length), next = 0;
        long[] starts = new long[count];
        int[] numbers = new int[count]; // in the order of the footer
        long[] ends = new long[count];
        foreach (var chunk in groups.SelectMany(group => group.Chunks))
        {
            // What lies outside the file is refused by name where it is read.
            bool isPlace = chunk is { Start: >= 0, Compressed: > 0 } && chunk.Compressed <= long.MaxValue - chunk.Start;
            starts[next] = isPlace ? chunk.Start : -1;
            ends[next] = isPlace ? chunk.Start + chunk.Compressed : -1;
            numbers[next] = next++;
        }
        Array.Sort(starts, numbers);
        for (int i = 1; i < count; i++)
        {
            if (starts[i] >= 0 && starts[i] < ends[numbers[i - 1]])
            {
                throw new InvalidDataException(
                    $"the column chunks of row groups {GroupOf(groups, numbers[i - 1])} and {GroupOf(groups, numbers[i])} "
                        + $"share bytes of the file (at byte {starts[i]:N0})"
                );
            }
        }
    }

    private static int GroupOf(IReadOnlyList<RowGroupFooter> groups, int chunk)
    {
        int group = 0;
        for (; chunk >= groups[group].Chunks.Length; group++)
            chunk -= groups[group].Chunks.Length;
        return group;
    }
}
