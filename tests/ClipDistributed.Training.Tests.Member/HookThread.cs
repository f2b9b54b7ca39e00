using ClipDistributed.Collectives;

namespace ClipDistributed.Training.Tests.Member;

/// <summary>Starts all-reduces on another thread than the step's, as the hooks of a GPU's backward do.</summary>
/// <param name="starting">Is called before each.</param>
internal sealed class HookThread(ICollective group, Action starting) : ICollective
{
    public int Rank => group.Rank;

    public int World => group.World;

    public void AllGather(nint own, nint all, ReadOnlySpan<long> counts, ElementType type) => group.AllGather(own, all, counts, type);

    public ICollectiveWork StartAllReduce(nint data, long count, ElementType type)
    {
        starting();
        var onAnother = Task.Factory.StartNew(() => group.StartAllReduce(data, count, type), TaskCreationOptions.LongRunning);
        return onAnother.GetAwaiter().GetResult();
    }

    public void Broadcast(nint data, long count, ElementType type, int root) => group.Broadcast(data, count, type, root);

    public void Abort() => group.Abort();

    public void Dispose() => group.Dispose();
}
