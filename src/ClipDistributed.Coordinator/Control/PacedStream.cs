using ClipDistributed.Coordinator.Links;
using ClipDistributed.Coordinator.Settings;
using Grpc.Core;
using Microsoft.Extensions.Hosting;

namespace ClipDistributed.Coordinator.Control;

/// <summary>
/// Streams of answers to readers that may be slow: one that reads nothing is cut off, and there are only so many. Thread-safe.
/// </summary>
internal sealed class PacedStream(CoordinatorOptions options, IHostApplicationLifetime lifetime, TimeProvider time)
{
    private readonly CoordinatorLimits limits = options.Limits;
    private int count;

    /// <param name="messages">Are given what cancels them.</param>
    /// <param name="write">Sends one of them.</param>
    /// <exception cref="RequestRefusedException">There are too many streams, or the caller read nothing for a while.</exception>
    public async Task SendAsync<T>(
        Func<CancellationToken, IAsyncEnumerable<T>> messages, Func<T, CancellationToken, Task> write, CancellationToken cancelled)
    {
        try
        {
            if (Interlocked.Increment(ref count) > limits.Watchers)
                throw new RequestRefusedException(
                    StatusCode.ResourceExhausted, $"{limits.Watchers} calls read logs and artefacts already; end some of them.");
            await WriteAsync(messages, write, cancelled);
        }
        finally
        {
            Interlocked.Decrement(ref count);
        }
    }

    private async Task WriteAsync<T>(
        Func<CancellationToken, IAsyncEnumerable<T>> messages, Func<T, CancellationToken, Task> write, CancellationToken cancelled)
    {
        using var late = new CancellationTokenSource(Timeout.InfiniteTimeSpan, time);
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancelled, lifetime.ApplicationStopping, late.Token);
        try
        {
            await foreach (var message in messages(over.Token))
            {
                late.CancelAfter(limits.WatcherTimeout);
                await write(message, over.Token);
                late.CancelAfter(Timeout.InfiniteTimeSpan);
            }
        }
        catch (Exception ended) when (ended is OperationCanceledException or IOException && late.IsCancellationRequested)
        {
            throw new RequestRefusedException(
                StatusCode.Unavailable, $"this reader took nothing for {limits.WatcherTimeout.TotalSeconds:0.#} s; read on from there");
        }
    }
}
