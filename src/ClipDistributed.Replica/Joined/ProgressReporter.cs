using System.Diagnostics;
using ClipDistributed.Contracts.Processes;
using ClipDistributed.Contracts.Replica.V1;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Training.Steps;

namespace ClipDistributed.Replica.Joined;

/// <summary>
/// Reports to the coordinator the step and phase of this replica, when they changed and at most five times a second; and a
/// heartbeat every second.
/// </summary>
internal sealed class ProgressReporter : IDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(200), HeartbeatInterval = TimeSpan.FromSeconds(1);

    private readonly CoordinatorLink link;
    private readonly Func<long> appliedStep;
    private Timer? timer;
    private readonly Lock gate = new();
    private (long Generation, StepPhase Phase, int MicroBatch, long Applied, double Busy, double Waited) now, reported;
    private StepProgress step = new();
    private long reportedAt;

    private ProgressReporter(CoordinatorLink link, Func<long> appliedStep) => (this.link, this.appliedStep) = (link, appliedStep);

    /// <param name="appliedStep">The last applied step.</param>
    public static ProgressReporter Start(CoordinatorLink link, Func<long> appliedStep)
    {
        var reporter = new ProgressReporter(link, appliedStep);
        reporter.Begin(0, CancellationToken.None); // none yet
        reporter.timer = new Timer(_ => reporter.Report(), null, Interval, Interval);
        return reporter;
    }

    /// <param name="generation">That this replica is a member of; 0: none.</param>
    /// <param name="over">Cancelled when it is over.</param>
    /// <returns>For its steps to report to.</returns>
    public StepProgress Begin(long generation, CancellationToken over)
    {
        lock (gate)
        {
            now = (generation, StepPhase.Unspecified, 0, appliedStep(), 0, 0);
            return step = new StepProgress(Enter) { Over = over };
        }
    }

    public void Dispose() => timer?.Dispose();

    /// <summary>On the training thread, at every phase and micro-batch: cheap.</summary>
    private void Enter(StepPhase phase, int microBatch)
    {
        lock (gate)
            now = (now.Generation, phase, microBatch, appliedStep(), step.Busy, step.Waited);
    }

    private void Report()
    {
        lock (gate)
        {
            if (now == reported && Stopwatch.GetElapsedTime(reportedAt) < HeartbeatInterval)
                return;
            (reported, reportedAt) = (now, Stopwatch.GetTimestamp());
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
                    WaitSeconds = now.Waited,
                    WaitedFor = { step.PeerWaits.Longest(Protocol.MaxPeerWaits) },
                },
            });
        }
    }
}
