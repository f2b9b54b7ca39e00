using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Contracts.Runs;

namespace ClipDistributed.Training.Steps;

/// <summary>Where a step is just now: each phase and micro-batch is timed, and reported when it begins. Belongs to the training
/// thread.</summary>
/// <param name="entered">Receives each phase and micro-batch; null: they are timed alone.</param>
public sealed class StepProgress(Action<StepPhase, int>? entered = null)
{
    private readonly StepTimer timer = new();
    private StepPhase phase = StepPhase.Unspecified;

    /// <summary>Cancelled when no other replica waits any more for what is computed.</summary>
    public CancellationToken Over { get; init; }

    /// <inheritdoc cref="StepTimer.Busy"/>
    public double Busy => timer.Busy;

    public void Enter(StepPhase next)
    {
        timer.Enter(next);
        phase = next;
        entered?.Invoke(next, 0);
    }

    /// <summary>Another micro-batch of the same phase.</summary>
    /// <exception cref="OperationCanceledException">
    /// <see cref="Over"/> was cancelled. Between phases that is not asked: a step that is applied is recorded too.
    /// </exception>
    public void Piece(int microBatch)
    {
        Over.ThrowIfCancellationRequested();
        entered?.Invoke(phase, microBatch);
    }

    /// <summary>A step begins: what was between steps is no part of it.</summary>
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
