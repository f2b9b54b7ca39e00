namespace ClipDistributed.Collectives;

/// <summary>A world of one: what is gathered is its own, a sum has one term. Copies memory of the CPU alone.</summary>
public sealed class SoloCollective : ICollective
{
    private static readonly Done Nothing = new();

    public int Rank => 0;

    public int World => 1;

    public unsafe void AllGather(nint own, nint all, ReadOnlySpan<long> counts, ElementType type)
    {
        long bytes = counts[0] * type.Size();
        Buffer.MemoryCopy((void*)own, (void*)all, bytes, bytes);
    }

    public ICollectiveWork StartAllReduce(nint data, long count, ElementType type) => Nothing;

    public void Broadcast(nint data, long count, ElementType type, int root) { }

    public void Abort() { }

    public void Dispose() { }

    private sealed class Done : ICollectiveWork
    {
        public void Wait() { }
    }
}
