using ClipDistributed.Collectives.Cuda;
using ClipDistributed.Contracts.Errors;

namespace ClipDistributed.Collectives.Nccl;

/// <summary>
/// A group over NCCL, on memory of GPUs. Operations run on a stream of the group's own, after what the caller's stream held
/// when they were started; a wait returns when they are done, so that whatever is queued later sees their results.
/// </summary>
public sealed unsafe class NcclCollective : ICollective
{
    private readonly NcclOptions options;
    private readonly NcclLibrary nccl;
    private readonly NcclCommunicator communicator;
    private readonly GroupStream stream;
    private bool disposed;

    private NcclCollective(NcclOptions options, NcclLibrary nccl, NcclCommunicator communicator, GroupStream stream) =>
        (this.options, this.nccl, this.communicator, this.stream) = (options, nccl, communicator, stream);

    public int Rank => options.Rank;

    public int World => options.World;

    /// <summary>Waits for all members and connects them.</summary>
    /// <param name="cancel">The abort of a group that is not there yet: ends the wait within a second, with a
    /// <see cref="CollectiveException"/>.</param>
    /// <exception cref="BadInputException">NCCL or the CUDA runtime is not installed, or rank 0 has another version.</exception>
    /// <exception cref="CollectiveException">A member did not come in time or was lost, or the wait was cancelled.</exception>
    public static NcclCollective Connect(NcclOptions options, IRendezvous rendezvous, CancellationToken cancel = default)
    {
        var nccl = new NcclLibrary(options);
        var cuda = new CudaRuntime(options.Name, options.Cuda.Library);
        cuda.SetDevice("connect", options.Cuda.Device);
        var communicator = new NcclCommunicator(nccl, options);
        try
        {
            var id = NcclRendezvous.Exchange(options, nccl, rendezvous, cancel);
            using (cancel.Register(communicator.Abort))
                communicator.Connect(id);
            return new NcclCollective(options, nccl, communicator, new GroupStream(cuda, options.Cuda, options.Name));
        }
        catch
        {
            communicator.AbortAndWait();
            throw;
        }
    }

    /// <summary>One broadcast from every member, as one group: unlike NCCL's all-gather it takes uneven counts.</summary>
    public void AllGather(nint own, nint all, ReadOnlySpan<long> counts, ElementType type)
    {
        if (counts.Length != World)
            throw new ArgumentException($"{counts.Length} counts for {World} members", nameof(counts));
        long[] elements = counts.ToArray();
        Start("all-gather", communicator => Broadcasts(own, all, elements, type, communicator)).Wait();
    }

    public ICollectiveWork StartAllReduce(nint data, long count, ElementType type)
    {
        if (type is not (ElementType.Float32 or ElementType.BFloat16))
            throw new ArgumentOutOfRangeException(nameof(type), type, "sums are of Float32 or BFloat16");
        int native = NcclLibrary.TypeOf(type);
        return Start(
            "all-reduce",
            communicator => nccl.ncclAllReduce(data, data, (nuint)count, native, NcclLibrary.Sum, communicator, stream.Handle)
        );
    }

    public void Broadcast(nint data, long count, ElementType type, int root)
    {
        int native = NcclLibrary.TypeOf(type);
        Start("broadcast", communicator => nccl.ncclBroadcast(data, data, (nuint)count, native, root, communicator, stream.Handle)).Wait();
    }

    public void Abort() => communicator.Abort();

    /// <summary>Returns when nothing of the group writes to memory any more.</summary>
    public void Dispose()
    {
        if (disposed)
            return;
        disposed = true;
        communicator.Dispose();
        stream.Drain();
        stream.Dispose();
    }

    private int Broadcasts(nint own, nint all, long[] elements, ElementType type, nint communicator)
    {
        int result = nccl.ncclGroupStart();
        nint place = all;
        for (int root = 0; root < World; root++)
        {
            // After a failure the group is ended all the same: it belongs to the thread.
            if (elements[root] > 0 && result is NcclLibrary.Success or NcclLibrary.InProgress)
                result = nccl.ncclBroadcast(
                    root == Rank ? own : place,
                    place,
                    (nuint)elements[root],
                    NcclLibrary.TypeOf(type),
                    root,
                    communicator,
                    stream.Handle
                );
            place += (nint)(elements[root] * type.Size());
        }
        int end = nccl.ncclGroupEnd();
        return result is NcclLibrary.Success or NcclLibrary.InProgress ? end : result;
    }

    private NcclWork Start(string operation, Func<nint, int> native)
    {
        stream.FollowCaller(operation);
        communicator.Call(operation, native);
        return new NcclWork(operation, stream, communicator);
    }
}
