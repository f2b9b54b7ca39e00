using ClipDistributed.Contracts.Control.V1;
using ClipDistributed.Contracts.Errors;
using ClipDistributed.Coordinator.Links;
using ClipDistributed.Coordinator.Runs;
using ClipDistributed.Coordinator.Settings;
using Grpc.Core;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace ClipDistributed.Coordinator.Control;

/// <summary>The calls that watch runs. They share the records in memory, and one that reads nothing is ended. Thread-safe.</summary>
internal sealed partial class RunWatchers(
    CoordinatorOptions options, IHostApplicationLifetime lifetime, TimeProvider time, ILogger<RunWatchers> logger)
{
    private readonly CoordinatorLimits limits = options.Limits;
    private int count;

    /// <param name="after">Records up to this sequence number are left out.</param>
    /// <exception cref="BadInputException">There can be no such sequence number.</exception>
    /// <exception cref="RequestRefusedException">There are too many, or it read nothing for a while.</exception>
    public async Task RunAsync(RunJournal journal, long after, IServerStreamWriter<WatchRunResponse> stream, CancellationToken cancelled)
    {
        if (after < 0)
            throw new BadInputException([new InputError("after_sequence", $"after_sequence is {after}; use 0 (all records) or more.")]);
        try
        {
            if (Interlocked.Increment(ref count) > limits.Watchers)
                throw new RequestRefusedException(
                    StatusCode.ResourceExhausted, $"{limits.Watchers} calls watch runs already; end some of them.");
            await SendAsync(journal, after, stream, cancelled);
        }
        finally
        {
            Interlocked.Decrement(ref count);
        }
    }

    private async Task SendAsync(RunJournal journal, long after, IServerStreamWriter<WatchRunResponse> stream, CancellationToken cancelled)
    {
        using var late = new CancellationTokenSource(Timeout.InfiniteTimeSpan, time);
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancelled, lifetime.ApplicationStopping, late.Token);
        try
        {
            await foreach (var (run, record) in journal.WatchAsync(after, over.Token))
            {
                var response = new WatchRunResponse { Run = run, Record = record };
                late.CancelAfter(limits.WatcherTimeout);
                await stream.WriteAsync(response, over.Token);
                late.CancelAfter(Timeout.InfiniteTimeSpan);
            }
        }
        catch (Exception ended) when (ended is OperationCanceledException or IOException && late.IsCancellationRequested)
        {
            LogCutOff(journal.Row.RunId, limits.WatcherTimeout.TotalSeconds);
            throw new RequestRefusedException(
                StatusCode.Unavailable,
                $"this watcher read nothing for {limits.WatcherTimeout.TotalSeconds:0.#} s; watch again from the last record");
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, EventName = "WatcherCutOff",
        Message = "A watcher of run {RunId} read nothing for {Seconds:0.#} s; its call was ended, and it can watch again from its "
            + "last record."
    )]
    private partial void LogCutOff(string runId, double seconds);
}
