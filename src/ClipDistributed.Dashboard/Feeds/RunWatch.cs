using ClipDistributed.Contracts.Control.V1;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Dashboard.Calls;
using Grpc.Core;

namespace ClipDistributed.Dashboard.Feeds;

/// <summary>The changes of a run; a call that breaks is made again after its last record.</summary>
internal sealed class RunWatch(ControlCalls calls, string runId, TimeProvider time)
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(2);

    private long last; // 0: none

    /// <summary>Begins with all records that there are, but those of steps; else with what comes from now on.</summary>
    public bool IsHistory { get; init; }

    /// <param name="changed">Is given the record, or null where the run's state is another.</param>
    /// <returns>The run has ended, or cannot be watched; or the page is left.</returns>
    public async Task RunAsync(Action<RunRecord?> changed, CancellationToken cancel)
    {
        try
        {
            while (!await WatchAsync(changed, cancel))
                await Task.Delay(Pause, time, cancel);
        }
        catch (Exception left) when (left is OperationCanceledException or RpcException && cancel.IsCancellationRequested)
        {
            // The page is gone.
        }
    }

    /// <returns>False: it is to be watched again.</returns>
    private async Task<bool> WatchAsync(Action<RunRecord?> changed, CancellationToken cancel)
    {
        try
        {
            var control = await calls.ControlAsync();
            using var call = control.WatchRun(
                new WatchRunRequest { RunId = runId, AfterSequence = last, OnlyNew = last == 0 && !IsHistory, WithoutSteps = IsHistory },
                cancellationToken: cancel);
            await foreach (var response in call.ResponseStream.ReadAllAsync(cancel))
            {
                if (response.Record is { } record)
                    last = record.Sequence;
                changed(response.Record);
            }
            return true;
        }
        catch (RpcException failed) when (!cancel.IsCancellationRequested)
        {
            return CallProblem.Of(failed).IsFinal;
        }
    }
}
