using ClipDistributed.Contracts.Replica.V1;
using ClipDistributed.Contracts.Run.V1;

namespace ClipDistributed.Replica.Joined;

/// <summary>Tells the coordinator where this replica is, whenever that changed and at most five times a second.</summary>
internal sealed class ProgressTeller : IDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);

    private readonly CoordinatorLink link;
    private readonly long generation;
    private readonly Func<long> appliedStep;
    private readonly Timer timer;
    private readonly Lock gate = new();
    private (StepPhase Phase, int MicroBatch, long Applied) now, told;

    /// <param name="appliedStep">The last applied step.</param>
    public ProgressTeller(CoordinatorLink link, long generation, Func<long> appliedStep)
    {
        (this.link, this.generation, this.appliedStep) = (link, generation, appliedStep);
        timer = new Timer(_ => Tell(), null, Pause, Pause);
    }

    /// <summary>On the training thread, at every phase and micro-batch: cheap.</summary>
    public void Enter(StepPhase phase, int microBatch)
    {
        lock (gate)
            now = (phase, microBatch, appliedStep());
    }

    public void Dispose()
    {
        timer.Dispose();
        Tell();
    }

    private void Tell()
    {
        lock (gate)
        {
            if (now == told)
                return;
            told = now;
            link.Send(new ConnectRequest
            {
                Progress = new Contracts.Replica.V1.Progress
                {
                    Generation = generation,
                    Step = now.Applied + 1,
                    Phase = now.Phase,
                    MicroBatch = (uint)now.MicroBatch,
                    AppliedStep = now.Applied,
                    ResidentBytes = Environment.WorkingSet,
                },
            });
        }
    }
}
