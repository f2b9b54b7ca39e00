using System.Collections.Concurrent;
using ClipDistributed.Collectives.Cuda;
using ClipDistributed.Contracts.Errors;

namespace ClipDistributed.Collectives.Staging;

/// <summary>
/// A group on memory of the CPU whose members keep their data on GPUs: each operation copies to the host, runs there, and copies
/// back. Slower than NCCL, which refuses two members on one card. Operations run one after the other, in the order of their starts.
/// </summary>
public sealed class StagedCollective : ICollective
{
    private readonly ICollective host;
    private readonly CudaRuntime cuda;
    private readonly GroupStream stream;
    private readonly PinnedBuffers buffers;
    private readonly BlockingCollection<StagedOperation> queue = [];
    private readonly Thread thread;
    private int unfinished;
    private bool disposed;

    private StagedCollective(ICollective host, CudaRuntime cuda, GroupStream stream)
    {
        (this.host, this.cuda, this.stream) = (host, cuda, stream);
        buffers = new PinnedBuffers(cuda);
        thread = new Thread(Work) { IsBackground = true, Name = "staged collectives" };
        thread.Start();
    }

    public int Rank => host.Rank;

    public int World => host.World;

    /// <param name="host">A group on memory of the CPU; belongs to the staged one from now on.</param>
    /// <param name="name">What messages call the group.</param>
    /// <exception cref="BadInputException">The CUDA runtime is not installed.</exception>
    /// <exception cref="CollectiveException">The device cannot be used.</exception>
    public static StagedCollective Open(ICollective host, CudaOptions options, string name)
    {
        try
        {
            var cuda = new CudaRuntime(name, options.Library);
            cuda.SetDevice("connect", options.Device);
            return new StagedCollective(host, cuda, new GroupStream(cuda, options, name));
        }
        catch
        {
            host.Dispose();
            throw;
        }
    }

    public void AllGather(nint own, nint all, ReadOnlySpan<long> counts, ElementType type)
    {
        const string name = "all-gather";
        long[] elements = counts.ToArray();
        long mine = elements[Rank] * type.Size(), whole = elements.Sum() * type.Size();
        var from = ToHost(name, own, mine);
        var to = buffers.Take(name, whole);
        Start(name, () =>
        {
            host.AllGather(from.Address, to.Address, elements, type);
            ToDevice(name, all, to, whole);
        }, from, to).Wait();
    }

    public ICollectiveWork StartAllReduce(nint data, long count, ElementType type)
    {
        const string name = "all-reduce";
        var buffer = ToHost(name, data, count * type.Size());
        return Start(name, () =>
        {
            host.StartAllReduce(buffer.Address, count, type).Wait();
            ToDevice(name, data, buffer, count * type.Size());
        }, buffer);
    }

    public void Broadcast(nint data, long count, ElementType type, int root)
    {
        const string name = "broadcast";
        var buffer = ToHost(name, data, count * type.Size());
        Start(name, () =>
        {
            host.Broadcast(buffer.Address, count, type, root);
            ToDevice(name, data, buffer, count * type.Size());
        }, buffer).Wait();
    }

    public void Abort() => host.Abort();

    /// <summary>Aborts what is still under way; returns when nothing is copied any more.</summary>
    public void Dispose()
    {
        if (disposed)
            return;
        disposed = true;
        queue.CompleteAdding();
        if (Volatile.Read(ref unfinished) > 0)
            host.Abort();
        thread.Join();
        stream.Drain();
        stream.Dispose();
        buffers.Dispose();
        queue.Dispose();
        host.Dispose();
    }

    /// <summary>Queues the copy behind what the caller's stream holds.</summary>
    private PinnedBuffer ToHost(string operation, nint data, long bytes)
    {
        var buffer = buffers.Take(operation, bytes);
        stream.FollowCaller(operation);
        cuda.CopyToHost(operation, buffer.Address, data, bytes, stream.Handle);
        return buffer;
    }

    private void ToDevice(string operation, nint data, PinnedBuffer buffer, long bytes) =>
        cuda.CopyToDevice(operation, data, buffer.Address, bytes, stream.Handle);

    private StagedOperation Start(string name, Action carryOut, params PinnedBuffer[] used)
    {
        var operation = new StagedOperation(name, stream, carryOut, () => Array.ForEach(used, buffers.Return));
        Interlocked.Increment(ref unfinished);
        queue.Add(operation);
        return operation;
    }

    private void Work()
    {
        foreach (var operation in queue.GetConsumingEnumerable())
        {
            operation.Run();
            Interlocked.Decrement(ref unfinished);
        }
    }
}
