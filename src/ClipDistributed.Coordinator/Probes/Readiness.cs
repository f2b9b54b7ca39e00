using ClipDistributed.Coordinator.Leading;
using ClipDistributed.Coordinator.Store;
using Microsoft.Extensions.Hosting;

namespace ClipDistributed.Coordinator.Probes;

/// <summary>
/// Whether this coordinator serves: it has started, leads, and its store answers. Asked by callers without a token: however often, the
/// store is asked once a second.
/// </summary>
internal sealed class Readiness(RunStore store, Leadership leadership, IHostApplicationLifetime lifetime, TimeProvider time)
{
    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(1), Patience = TimeSpan.FromSeconds(2);

    private readonly Lock gate = new();
    private Task<bool>? answer; // under the gate, as the moment
    private long asked;

    public async Task<bool> IsReadyAsync() =>
        leadership.IsHeld
        && lifetime.ApplicationStarted.IsCancellationRequested
        && !lifetime.ApplicationStopping.IsCancellationRequested
        && await StoreAnswers();

    private Task<bool> StoreAnswers()
    {
        lock (gate)
        {
            if (answer is null || answer.IsCompleted && time.GetElapsedTime(asked) >= Fresh)
                (answer, asked) = (AskAsync(), time.GetTimestamp());
            return answer;
        }
    }

    private async Task<bool> AskAsync()
    {
        try
        {
            using var late = new CancellationTokenSource(Patience, time);
            await store.PingAsync(late.Token).WaitAsync(late.Token);
            return true;
        }
        catch (Exception failed) when (failed is OperationCanceledException || store.IsUnavailable(failed))
        {
            return false;
        }
    }
}
