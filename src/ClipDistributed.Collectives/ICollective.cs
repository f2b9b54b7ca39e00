namespace ClipDistributed.Collectives;

/// <summary>
/// The collective group of one generation: W members, ranks 0..W−1. All members call the same operations in the same
/// order with the same counts. Memory is plain addresses; the caller keeps it alive until the operation is done.
/// One thread calls at a time; <see cref="Abort"/> alone may come from any thread.
/// </summary>
/// <remarks>
/// "Done" means that work which the caller queues afterwards sees the result: with Gloo the data are there, with NCCL the
/// caller's CUDA stream waits for them. After a <see cref="CollectiveException"/> the group is of no more use.
/// </remarks>
public interface ICollective : IDisposable
{
    int Rank { get; }

    /// <summary>W, the number of members.</summary>
    int World { get; }

    /// <summary>All members' elements, concatenated in rank order.</summary>
    /// <param name="own">This member's counts[Rank] elements.</param>
    /// <param name="all">Receives Σ counts elements.</param>
    /// <param name="counts">Elements of every member, the same on all; 0 is allowed.</param>
    /// <exception cref="CollectiveException">A member or the network was lost.</exception>
    void AllGather(nint own, nint all, ReadOnlySpan<long> counts, ElementType type);

    /// <summary>
    /// Starts to replace <paramref name="data"/> on all members by the sum over them; the same bits everywhere. Several may
    /// be under way; they are carried out in the order in which they were started.
    /// </summary>
    /// <param name="type">Float32 or BFloat16.</param>
    ICollectiveWork StartAllReduce(nint data, long count, ElementType type);

    /// <summary>Replaces <paramref name="data"/> on all members by that of <paramref name="root"/>.</summary>
    /// <exception cref="CollectiveException">A member or the network was lost.</exception>
    void Broadcast(nint data, long count, ElementType type, int root);

    /// <summary>Ends every blocked call of this group within a second with a <see cref="CollectiveException"/>; from any thread, more
    /// than once.</summary>
    void Abort();
}

/// <summary>An operation under way.</summary>
public interface ICollectiveWork
{
    /// <exception cref="CollectiveException">A member or the network was lost.</exception>
    void Wait();
}

public enum ElementType
{
    Byte = 1,
    Float32 = 2,
    BFloat16 = 3,
}
