using System.Diagnostics.CodeAnalysis;
using System.Threading.Channels;

namespace ClipDistributed.Data.Samples;

/// <summary>
/// Prepares items in the background while the training thread works. Items are transformed in parallel and handed out
/// in the order of their source. Taking is synchronous and belongs to one thread.
/// </summary>
/// <typeparam name="T">What is handed out; what was never taken is disposed if it can be.</typeparam>
public sealed class ReadAhead<T> : IDisposable
{
    private readonly Channel<Task<T>> results;
    private readonly CancellationTokenSource stop = new();
    private readonly TimeProvider time;
    private readonly long[] waited = new long[3]; // timestamps' units, in the order of ReadAheadWaits
    private Task filling = Task.CompletedTask;

    private ReadAhead(int capacity, TimeProvider time)
    {
        this.time = time;
        results = Channel.CreateBounded<Task<T>>(new BoundedChannelOptions(capacity) { SingleReader = true, SingleWriter = true });
    }

    /// <summary>Starts to read ahead.</summary>
    /// <param name="source">Read in order by one thread at a time; its token is cancelled when reading ahead is disposed.</param>
    /// <param name="transform">Runs for several items at once.</param>
    /// <param name="workers">How many, at least 1.</param>
    /// <param name="capacity">Items that are ready or in work before one is taken, at least 1.</param>
    /// <param name="time">Measures the waits; null: the system clock.</param>
    public static ReadAhead<T> Start<TSource>(
        Func<CancellationToken, IAsyncEnumerable<TSource>> source, Func<TSource, CancellationToken, T> transform, int workers, int capacity,
        TimeProvider? time = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(workers, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(capacity, 1);
        var ahead = new ReadAhead<T>(capacity, time ?? TimeProvider.System);
        ahead.filling = Task.Run(() => ahead.FillAsync(source, transform, workers));
        return ahead;
    }

    /// <summary>The next item; waits until it is ready.</summary>
    /// <exception cref="InvalidOperationException">The source has ended.</exception>
    /// <remarks>A failure of source or transform is thrown as it was, in the place of the item that it hit.</remarks>
    public T Take(CancellationToken cancel = default) =>
        TryTake(out var item, cancel) ? item : throw new InvalidOperationException("The source has no more items.");

    /// <summary>The next item; false when the source has ended.</summary>
    /// <inheritdoc cref="Take" path="/remarks"/>
    public bool TryTake([MaybeNullWhen(false)] out T item, CancellationToken cancel = default)
    {
        Task<T>? result;
        while (!results.Reader.TryRead(out result))
        {
            if (!results.Reader.WaitToReadAsync(cancel).AsTask().GetAwaiter().GetResult())
            {
                item = default;
                return false;
            }
        }
        item = result.WaitAsync(cancel).GetAwaiter().GetResult();
        return true;
    }

    /// <summary>What the background waited for since the last call; a wait counts when it is over.</summary>
    public ReadAheadWaits TakeWaits() => new(Seconds(ref waited[0]), Seconds(ref waited[1]), Seconds(ref waited[2]));

    private double Seconds(ref long units) => time.GetElapsedTime(0, Interlocked.Exchange(ref units, 0)).TotalSeconds;

    /// <summary>Stops the source and returns when nothing runs any more.</summary>
    public void Dispose()
    {
        stop.Cancel();
        filling.GetAwaiter().GetResult();
        while (results.Reader.TryRead(out var result))
        {
            ((Task)result).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing).GetAwaiter().GetResult();
            if (result.IsCompletedSuccessfully)
                (result.Result as IDisposable)?.Dispose();
        }
    }

    private async Task FillAsync<TSource>(
        Func<CancellationToken, IAsyncEnumerable<TSource>> source, Func<TSource, CancellationToken, T> transform, int workers)
    {
        Exception? failure = null;
        try
        {
            await QueueAllAsync(source, transform, workers);
        }
        catch (Exception e)
        {
            failure = e; // reaches the reader behind the items that came before it
        }
        results.Writer.Complete(failure);
    }

    private async Task QueueAllAsync<TSource>(
        Func<CancellationToken, IAsyncEnumerable<TSource>> source, Func<TSource, CancellationToken, T> transform, int workers)
    {
        var free = new SemaphoreSlim(workers);
        await using var items = source(stop.Token).GetAsyncEnumerator(stop.Token);
        long since = time.GetTimestamp();
        while (true)
        {
            // Room is waited for before the source is asked: nothing beyond the capacity is ever in memory.
            await results.Writer.WaitToWriteAsync(stop.Token);
            Count(ref waited[2]);
            if (!await items.MoveNextAsync())
                return;
            Count(ref waited[0]);
            var item = items.Current;
            await free.WaitAsync(stop.Token);
            Count(ref waited[1]);
            var result = Task.Run(() => transform(item, stop.Token), stop.Token);
            _ = result.ContinueWith(_ => free.Release(), TaskScheduler.Default);
            results.Writer.TryWrite(result); // there is room: this is the only writer
        }

        void Count(ref long units)
        {
            long now = time.GetTimestamp();
            Interlocked.Add(ref units, now - since);
            since = now;
        }
    }
}
