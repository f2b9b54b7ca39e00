using System.Diagnostics;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Contracts.Runs;

namespace ClipDistributed.Training;

/// <summary>Where the time of a step goes, and where it is just now.</summary>
/// <param name="entered">Is told each phase and micro-batch when it begins, on the training thread.</param>
public sealed class StepClock(Action<StepPhase, int>? entered = null)
{
    private readonly double[] seconds = new double[Enum.GetValues<StepPhase>().Max(phase => (int)phase) + 1];
    private StepPhase phase = StepPhase.Unspecified;
    private long since = Stopwatch.GetTimestamp();

    /// <summary>Cancelled when nobody waits for what is computed any more.</summary>
    public CancellationToken Over { get; init; }

    /// <summary>What was before ends here.</summary>
    public void Enter(StepPhase next, int microBatch = 0)
    {
        long now = Stopwatch.GetTimestamp();
        seconds[(int)phase] += Stopwatch.GetElapsedTime(since, now).TotalSeconds;
        (phase, since) = (next, now);
        entered?.Invoke(next, microBatch);
    }

    /// <summary>Another micro-batch of the same phase.</summary>
    /// <exception cref="OperationCanceledException">It is <see cref="Over"/>. Between phases that is not asked: a step that is applied is recorded too.</exception>
    public void Piece(int microBatch)
    {
        Over.ThrowIfCancellationRequested();
        entered?.Invoke(phase, microBatch);
    }

    /// <summary>What the last whole step took without waiting for other replicas, seconds; 0: there was none.</summary>
    public double Busy { get; private set; }

    /// <summary>A step begins: what was between steps is no part of it.</summary>
    public void Begin()
    {
        Enter(StepPhase.Data);
        Array.Clear(seconds);
    }

    /// <summary>The step is over.</summary>
    /// <returns>The seconds of each of its phases.</returns>
    public StepSplit Split()
    {
        Enter(StepPhase.Unspecified);
        var split = new StepSplit(Of(StepPhase.Data), Of(StepPhase.Forward), Of(StepPhase.Wait), Of(StepPhase.Gather), Of(StepPhase.Loss),
            Of(StepPhase.Backward), Of(StepPhase.Reduce), Of(StepPhase.Optimizer));
        Array.Clear(seconds);
        Busy = split.Busy;
        return split;
    }

    private double Of(StepPhase part) => seconds[(int)part];
}
