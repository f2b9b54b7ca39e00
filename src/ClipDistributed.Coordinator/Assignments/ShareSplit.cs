using ClipDistributed.Data.Streams;

namespace ClipDistributed.Coordinator.Assignments;

/// <summary>How the slots of the global batch are dealt out to ranks.</summary>
internal static class ShareSplit
{
    /// <summary>Equal shares; where they do not come out even the lowest ranks take one more: 10 over 3 is 4, 3, 3.</summary>
    public static uint[] Equal(int globalBatch, int world)
    {
        var (each, rest) = Math.DivRem(globalBatch, world);
        return [.. Enumerable.Range(0, world).Select(rank => (uint)(each + (rank < rest ? 1 : 0)))];
    }

    /// <summary>A rank's share begins behind those of lower ranks.</summary>
    public static SlotRange Slots(IReadOnlyList<uint> shares, int rank) =>
        new((int)shares.Take(rank).Sum(share => share), (int)shares[rank]);
}
