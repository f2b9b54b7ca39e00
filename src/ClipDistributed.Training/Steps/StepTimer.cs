using System.Diagnostics;
using ClipDistributed.Contracts.Records;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Contracts.Runs;

namespace ClipDistributed.Training.Steps;

/// <summary>Measures the phases of a step. Belongs to the training thread; <see cref="Busy"/> may be read by others.</summary>
public sealed class StepTimer
{
    private readonly double[] seconds = new double[Enum.GetValues<StepPhase>().Max(phase => (int)phase) + 1];
    private StepPhase phase = StepPhase.Unspecified;
    private long since = Stopwatch.GetTimestamp();

    /// <summary>Seconds of the last whole step without waiting for other replicas; 0: there was none.</summary>
    public double Busy { get; private set; }

    /// <summary>Seconds that all whole steps have waited for other replicas.</summary>
    public double Waited { get; private set; }

    /// <summary>Seconds that the step which runs has waited for other replicas until now.</summary>
    public double Waiting =>
        Of(StepPhase.Wait) + Of(StepPhase.Gather) + Of(StepPhase.Reduce)
        + (phase is StepPhase.Wait or StepPhase.Gather or StepPhase.Reduce ? Stopwatch.GetElapsedTime(since).TotalSeconds : 0);

    /// <summary>The previous phase ends here.</summary>
    public void Enter(StepPhase next)
    {
        long now = Stopwatch.GetTimestamp();
        seconds[(int)phase] += Stopwatch.GetElapsedTime(since, now).TotalSeconds;
        (phase, since) = (next, now);
    }

    /// <summary>Discards what was measured so far: it is not part of the step that begins.</summary>
    public void Reset() => Array.Clear(seconds);

    /// <summary>The step is over.</summary>
    /// <returns>The seconds of each of its phases.</returns>
    public StepSplit Split()
    {
        Enter(StepPhase.Unspecified);
        var split = new StepSplit
        {
            Data = Of(StepPhase.Data),
            Forward = Of(StepPhase.Forward),
            Wait = Of(StepPhase.Wait),
            Gather = Of(StepPhase.Gather),
            Loss = Of(StepPhase.Loss),
            Backward = Of(StepPhase.Backward),
            Reduce = Of(StepPhase.Reduce),
            Optimizer = Of(StepPhase.Optimizer),
        };
        Reset();
        Busy = split.Busy;
        Waited += split.Wait + split.Gather + split.Reduce;
        return split;
    }

    private double Of(StepPhase part) => seconds[(int)part];
}
