using System.Collections.Concurrent;
using ClipDistributed.Contracts.Errors;

namespace ClipDistributed.Collectives.Gloo;

/// <summary>
/// A group over Gloo's TCP transport, on memory of the CPU. Operations are carried out on the group's own threads, so that
/// a reduction goes on while its starter computes; blocking ones queue behind those that were started. Sums are made along
/// a ring in an order that depends on counts and world alone: the same bits on all members, and in every run.
/// </summary>
public sealed unsafe class GlooCollective : ICollective
{
    private readonly GlooContext context;
    private readonly BlockingCollection<GlooOperation> queue = [];
    private readonly Thread[] threads;
    // Distinguishes operations that are under way together; the same on all members, which call in the same order.
    private uint tag;
    private int unfinished;

    private GlooCollective(GlooOptions options, GlooContext context)
    {
        this.context = context;
        (Rank, World) = (options.Rank, options.World);
        threads =
        [
            .. Enumerable
                .Range(0, options.Threads)
                .Select(i => new Thread(Work) { IsBackground = true, Name = $"Gloo {options.Name} {i}" }),
        ];
        foreach (var thread in threads)
            thread.Start();
    }

    public int Rank { get; }

    public int World { get; }

    /// <summary>Waits for all members and connects each with each.</summary>
    /// <param name="cancel">The abort of a group that is not there yet: ends the wait within a second, with a
    /// <see cref="CollectiveException"/>.</param>
    /// <exception cref="BadInputException">Gloo is not installed, or the address is not this machine's.</exception>
    /// <exception cref="CollectiveException">A member did not come in time or was lost, or the wait was cancelled.</exception>
    public static GlooCollective Connect(GlooOptions options, IRendezvous rendezvous, CancellationToken cancel = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(options.World, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(options.Rank);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(options.Rank, options.World);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Threads, 1);
        var context = GlooContext.Create(options);
        try
        {
            using var store = new GlooStore(rendezvous, options.Timeout, cancel);
            var native = store.Native();
            var pointer = &native;
            using (cancel.Register(() => GlooNative.clipd_gloo_abort(context)))
            {
                try
                {
                    context.Run("connect", message => GlooNative.clipd_gloo_connect(context, pointer, message));
                }
                catch (CollectiveException)
                {
                    store.ThrowIfFailed();
                    throw;
                }
            }
            return new GlooCollective(options, context);
        }
        catch
        {
            context.Dispose();
            throw;
        }
    }

    public void AllGather(nint own, nint all, ReadOnlySpan<long> counts, ElementType type)
    {
        if (counts.Length != World)
            throw new ArgumentException($"{counts.Length} counts for {World} members", nameof(counts));
        long[] bytes = new long[World];
        for (int rank = 0; rank < World; rank++)
            bytes[rank] = counts[rank] * type.Size();
        Start("all-gather", (tag, message) =>
        {
            fixed (long* pointer = bytes)
                return GlooNative.clipd_gloo_allgatherv(context, own, all, pointer, tag, message);
        }).Wait();
    }

    public ICollectiveWork StartAllReduce(nint data, long count, ElementType type)
    {
        if (type is not (ElementType.Float32 or ElementType.BFloat16))
            throw new ArgumentOutOfRangeException(nameof(type), type, "sums are of Float32 or BFloat16");
        return Start("all-reduce", (tag, message) => GlooNative.clipd_gloo_allreduce(context, data, count, type, tag, message));
    }

    public void Broadcast(nint data, long count, ElementType type, int root) =>
        Start("broadcast", (tag, message) => GlooNative.clipd_gloo_broadcast(context, data, count * type.Size(), root, tag, message))
            .Wait();

    public void Abort()
    {
        try
        {
            GlooNative.clipd_gloo_abort(context);
        }
        catch (ObjectDisposedException)
        {
            // Nothing is blocked in a group that is gone.
        }
    }

    /// <summary>Aborts what is still under way.</summary>
    public void Dispose()
    {
        if (context.IsClosed)
            return;
        queue.CompleteAdding();
        if (Volatile.Read(ref unfinished) > 0)
            Abort();
        foreach (var thread in threads)
            thread.Join();
        context.Dispose();
        queue.Dispose();
    }

    private GlooOperation Start(string name, Func<uint, GlooNative.Message, GlooNative.Status> call)
    {
        uint mine = tag++;
        var operation = new GlooOperation(name, context, message => call(mine, message));
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
            operation.Finish();
        }
    }
}
