using ClipDistributed.Coordinator.Connections;
using ClipDistributed.Coordinator.Links;
using ClipDistributed.Coordinator.Settings;
using Grpc.Core;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace ClipDistributed.Coordinator.Control;

/// <summary>
/// What callers watch, follow or download: one that reads nothing is cut off, and there are only so many. Thread-safe.
/// </summary>
internal sealed partial class PacedStream(
    CoordinatorOptions options, IHostApplicationLifetime lifetime, TimeProvider time, ILogger<PacedStream> logger)
{
    private readonly LogGate cutOffLines = new(time, lines: 10);
    private readonly CoordinatorLimits limits = options.Limits;
    private int count;

    /// <param name="subject">What they are about: a run, or the store.</param>
    /// <param name="messages">Are given what cancels them.</param>
    /// <param name="write">Sends one of them.</param>
    /// <exception cref="RequestRefusedException">There are too many streams, or the caller read nothing for a while.</exception>
    public async Task SendAsync<T>(
        string subject,
        Func<CancellationToken, IAsyncEnumerable<T>> messages,
        Func<T, CancellationToken, Task> write,
        CancellationToken cancelled)
    {
        try
        {
            if (Interlocked.Increment(ref count) > limits.Watchers)
                throw new RequestRefusedException(
                    StatusCode.ResourceExhausted,
                    $"{limits.Watchers} calls watch runs or read their logs and files already; end some of them.");
            await WriteAsync(subject, messages, write, cancelled);
        }
        finally
        {
            Interlocked.Decrement(ref count);
        }
    }

    private async Task WriteAsync<T>(
        string subject,
        Func<CancellationToken, IAsyncEnumerable<T>> messages,
        Func<T, CancellationToken, Task> write,
        CancellationToken cancelled)
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
            if (cutOffLines.TryPass(out long before))
                LogCutOff(subject, limits.WatcherTimeout.TotalSeconds, LogGate.LeftOut(before));
            throw new RequestRefusedException(
                StatusCode.Unavailable,
                $"this call read nothing for {limits.WatcherTimeout.TotalSeconds:0.#} s; call again from the last message");
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, EventName = "WatcherCutOff",
        Message = "A call that watches, follows or downloads {Subject} read nothing for {Seconds:0.#} s and was ended; it can "
            + "go on from its last message{LeftOut}.")]
    private partial void LogCutOff(string subject, double seconds, string leftOut);
}
