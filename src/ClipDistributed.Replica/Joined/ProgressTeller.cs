using System.Diagnostics;
using ClipDistributed.Contracts.Replica.V1;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Training.Steps;

namespace ClipDistributed.Replica.Joined;

/// <summary>
/// Tells the coordinator where this replica is, whenever that changed and at most five times a second; and every second
/// that it lives.
/// </summary>
internal sealed class ProgressTeller : IDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200), SignOfLife = TimeSpan.FromSeconds(1);

    private readonly CoordinatorLink link;
    private readonly Func<long> appliedStep;
    private readonly Timer timer;
    private readonly Lock gate = new();
    private (long Generation, StepPhase Phase, int MicroBatch, long Applied, double Busy) now, told;
    private StepProgress step = new();
    private long toldAt;

    /// <param name="appliedStep">The last applied step.</param>
    public ProgressTeller(CoordinatorLink link, Func<long> appliedStep)
    {
        (this.link, this.appliedStep) = (link, appliedStep);
        Begin(0, CancellationToken.None); // none yet
        timer = new Timer(_ => Tell(), null, Pause, Pause);
    }

    /// <param name="generation">That this replica is a member of; 0: none.</param>
    /// <param name="over">Cancelled when it is over.</param>
    /// <returns>What its steps report to.</returns>
    public StepProgress Begin(long generation, CancellationToken over)
    {
        lock (gate)
        {
            now = (generation, StepPhase.Unspecified, 0, appliedStep(), 0);
            return step = new StepProgress(Enter) { Over = over };
        }
    }

    public void Dispose() => timer.Dispose();

    /// <summary>On the training thread, at every phase and micro-batch: cheap.</summary>
    private void Enter(StepPhase phase, int microBatch)
    {
        lock (gate)
            now = (now.Generation, phase, microBatch, appliedStep(), step.Busy);
    }

    private void Tell()
    {
        lock (gate)
        {
            if (now == told && Stopwatch.GetElapsedTime(toldAt) < SignOfLife)
                return;
            (told, toldAt) = (now, Stopwatch.GetTimestamp());
            link.Send(new ConnectRequest
            {
                Progress = new Contracts.Replica.V1.Progress
                {
                    Generation = now.Generation,
                    Step = now.Applied + 1,
                    Phase = now.Phase,
                    MicroBatch = (uint)now.MicroBatch,
                    AppliedStep = now.Applied,
                    ResidentBytes = Environment.WorkingSet,
                    BusySeconds = now.Busy,
                },
            });
        }
    }
}
