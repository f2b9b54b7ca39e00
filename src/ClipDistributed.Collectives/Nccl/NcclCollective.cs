using System.Runtime.InteropServices;
using ClipDistributed.Contracts.Errors;

namespace ClipDistributed.Collectives.Nccl;

/// <summary>
/// A group over NCCL, on memory of GPUs. Operations run on a stream of the group's own, after what the caller's stream held
/// when they were started; a wait returns when they are done, so that whatever is queued later sees their results.
/// </summary>
public sealed unsafe class NcclCollective : ICollective
{
    private const string IdKey = "nccl/id";

    private readonly NcclOptions options;
    private readonly NcclLibrary nccl;
    private readonly CudaRuntime cuda;
    private readonly NcclCommunicator communicator;
    private readonly nint stream;
    private bool disposed;

    private NcclCollective(NcclOptions options, NcclLibrary nccl, CudaRuntime cuda, NcclCommunicator communicator)
    {
        (this.options, this.nccl, this.cuda, this.communicator) = (options, nccl, cuda, communicator);
        stream = cuda.NewStream("connect");
    }

    public int Rank => options.Rank;

    public int World => options.World;

    /// <summary>Waits for all members and connects them.</summary>
    /// <param name="cancel">The abort of a group that is not there yet: ends the wait within a second, with a
    /// <see cref="CollectiveException"/>.</param>
    /// <exception cref="BadInputException">NCCL or the CUDA runtime is not installed.</exception>
    /// <exception cref="CollectiveException">A member did not come in time or was lost, or the wait was cancelled.</exception>
    public static NcclCollective Connect(NcclOptions options, IRendezvous rendezvous, CancellationToken cancel = default)
    {
        var nccl = new NcclLibrary(options);
        var cuda = new CudaRuntime(options);
        cuda.SetDevice("connect", options.Device);
        var communicator = new NcclCommunicator(nccl, options.Name);
        try
        {
            var id = Exchange(options, nccl, rendezvous, cancel);
            using (cancel.Register(communicator.Abort))
                communicator.Connect(options.Rank, options.World, id);
            return new NcclCollective(options, nccl, cuda, communicator);
        }
        catch
        {
            communicator.Abort();
            throw;
        }
    }

    /// <summary>One broadcast from every member, as one group: unlike NCCL's all-gather it takes uneven counts.</summary>
    public void AllGather(nint own, nint all, ReadOnlySpan<long> counts, ElementType type)
    {
        if (counts.Length != World)
            throw new ArgumentException($"{counts.Length} counts for {World} members", nameof(counts));
        long[] elements = counts.ToArray();
        Start(
                "all-gather",
                handle =>
                {
                    int first = nccl.ncclGroupStart();
                    nint place = all;
                    for (int root = 0; root < World; root++)
                    {
                        // A failure is kept, and the group is ended all the same: it belongs to the thread.
                        if (elements[root] > 0 && first is NcclLibrary.Success or NcclLibrary.InProgress)
                            first = nccl.ncclBroadcast(
                                root == Rank ? own : place,
                                place,
                                (nuint)elements[root],
                                NcclLibrary.TypeOf(type),
                                root,
                                handle,
                                stream
                            );
                        place += (nint)(elements[root] * type.Size());
                    }
                    int end = nccl.ncclGroupEnd();
                    return first is NcclLibrary.Success or NcclLibrary.InProgress ? end : first;
                }
            )
            .Wait();
    }

    public ICollectiveWork StartAllReduce(nint data, long count, ElementType type)
    {
        if (type is not (ElementType.Float32 or ElementType.BFloat16))
            throw new ArgumentOutOfRangeException(nameof(type), type, "sums are of Float32 or BFloat16");
        return Start(
            "all-reduce",
            handle => nccl.ncclAllReduce(data, data, (nuint)count, NcclLibrary.TypeOf(type), NcclLibrary.Sum, handle, stream)
        );
    }

    public void Broadcast(nint data, long count, ElementType type, int root) =>
        Start("broadcast", handle => nccl.ncclBroadcast(data, data, (nuint)count, NcclLibrary.TypeOf(type), root, handle, stream)).Wait();

    public void Abort() => communicator.Abort();

    public void Dispose()
    {
        if (disposed)
            return;
        disposed = true;
        communicator.Dispose();
        cuda.Destroy(stream);
    }

    private static NcclLibrary.UniqueId Exchange(NcclOptions options, NcclLibrary nccl, IRendezvous rendezvous, CancellationToken cancel)
    {
        NcclLibrary.UniqueId id = default;
        var bytes = MemoryMarshal.AsBytes(new Span<NcclLibrary.UniqueId>(ref id));
        if (options.Rank == 0)
        {
            int result = nccl.ncclGetUniqueId(&id);
            if (result != NcclLibrary.Success)
                throw new CollectiveException("connect", options.Name, nccl.Describe(result));
            rendezvous.Set(IdKey, bytes.ToArray());
        }
        else
        {
            byte[] found =
                rendezvous.Find(IdKey, options.Timeout, cancel)
                ?? throw new CollectiveException(
                    "connect",
                    options.Name,
                    cancel.IsCancellationRequested ? "the group was aborted" : "rank 0 did not come"
                );
            found.CopyTo(bytes);
        }
        return id;
    }

    private NcclWork Start(string operation, Func<nint, int> native)
    {
        cuda.SetDevice(operation, options.Device);
        nint before = cuda.Record(operation, options.Stream);
        cuda.After(operation, stream, before);
        cuda.Forget(before);
        communicator.Call(operation, native);
        return new NcclWork(operation, cuda, communicator, cuda.Record(operation, stream));
    }
}
