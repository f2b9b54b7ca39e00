using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Contracts.Runs;

namespace ClipDistributed.Training.Steps;

/// <summary>The phase and micro-batch of the step that runs: each phase is timed, and both are reported when they begin. Belongs to the
/// training thread.</summary>
/// <param name="entered">Receives each phase and micro-batch; null: phases are only timed.</param>
public sealed class StepProgress(Action<StepPhase, int>? entered = null)
{
    private readonly StepTimer timer = new();
    private StepPhase phase = StepPhase.Unspecified;

    /// <summary>Cancelled when no other replica waits any more for what is computed.</summary>
    public CancellationToken Over { get; init; }

    /// <inheritdoc cref="StepTimer.Busy"/>
    public double Busy => timer.Busy;

    /// <inheritdoc cref="StepTimer.Waited"/>
    public double Waited => timer.Waited;

    /// <inheritdoc cref="StepTimer.Waiting"/>
    public double Waiting => timer.Waiting;

    /// <summary>For whom.</summary>
    public PeerWaits PeerWaits { get; } = new();

    public void Enter(StepPhase next)
    {
        timer.Enter(next);
        phase = next;
        entered?.Invoke(next, 0);
    }

    /// <summary>Another micro-batch of the same phase.</summary>
    /// <exception cref="OperationCanceledException">
    /// <see cref="Over"/> was cancelled. Not checked between phases: a step that is applied is recorded too.
    /// </exception>
    public void EnterMicroBatch(int microBatch)
    {
        Over.ThrowIfCancellationRequested();
        entered?.Invoke(phase, microBatch);
    }

    /// <summary>A step begins; the time between steps is not part of it.</summary>
    public void BeginStep()
    {
        Enter(StepPhase.Data);
        timer.Reset();
    }

    /// <summary>The step is over.</summary>
    /// <returns>The seconds of each of its phases.</returns>
    public StepSplit EndStep()
    {
        var split = timer.Split();
        phase = StepPhase.Unspecified;
        entered?.Invoke(phase, 0);
        return split;
    }
}
