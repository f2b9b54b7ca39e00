using ClipDistributed.Contracts.Control.V1;
using ClipDistributed.TestKit.Coordinators;
using Grpc.Core;

namespace ClipDistributed.Benchmarks.Load;

/// <summary>Watches a run as a user's program does, and reads all that comes.</summary>
internal sealed class LoadWatcher(string address, string token, string runId, TimedSamples lags)
{
    private double newest;

    /// <summary>Since the newest step that it has received was reported.</summary>
    public TimeSpan Behind => StepClock.Since(Volatile.Read(ref newest));

    public async Task RunAsync(CancellationToken cancel)
    {
        using var channel = TokenHandler.Open(address, token);
        using var call = new ControlService.ControlServiceClient(channel).WatchRun(
            new WatchRunRequest { RunId = runId }, cancellationToken: cancel);
        await foreach (var message in call.ResponseStream.ReadAllAsync(cancel))
        {
            if (message.Record?.Step is not { } step)
                continue;
            lags.Add(StepClock.Since(step.Loss));
            Volatile.Write(ref newest, step.Loss);
        }
    }
}
