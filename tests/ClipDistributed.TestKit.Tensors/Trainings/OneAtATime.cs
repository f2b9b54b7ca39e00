using ClipDistributed.Collectives;

namespace ClipDistributed.TestKit.Tensors.Trainings;

/// <summary>
/// Lets one thread of a group compute at a time; the turn passes on where a member waits for others. TorchSharp keeps the
/// nodes of custom autograd functions in one list without a lock: fine for replicas in processes of their own, not for threads.
/// </summary>
public sealed class OneAtATime : ICollective
{
    private readonly ICollective group;
    private readonly object turn;

    /// <summary>Takes the turn until it is disposed.</summary>
    public OneAtATime(ICollective group, object turn)
    {
        (this.group, this.turn) = (group, turn);
        Monitor.Enter(turn);
    }

    public int Rank => group.Rank;

    public int World => group.World;

    public void AllGather(nint own, nint all, ReadOnlySpan<long> counts, ElementType type)
    {
        long[] kept = counts.ToArray();
        Wait(() => group.AllGather(own, all, kept, type));
    }

    public ICollectiveWork StartAllReduce(nint data, long count, ElementType type) =>
        new Work(this, group.StartAllReduce(data, count, type));

    public void Broadcast(nint data, long count, ElementType type, int root) => Wait(() => group.Broadcast(data, count, type, root));

    public void Abort() => group.Abort();

    public void Dispose() => Monitor.Exit(turn);

    private void Wait(Action operation)
    {
        Monitor.Exit(turn);
        try
        {
            operation();
        }
        finally
        {
            Monitor.Enter(turn);
        }
    }

    private sealed class Work(OneAtATime members, ICollectiveWork work) : ICollectiveWork
    {
        public void Wait() => members.Wait(work.Wait);
    }
}
