using ClipDistributed.Contracts.Runs;

namespace ClipDistributed.Training.Evaluation;

/// <summary>
/// The folder predictions/ of a run: the <see cref="ProbeSet"/>, and a <see cref="ProbeResult"/> for each of at most
/// <see cref="MaxSteps"/> evaluations, spread over the run.
/// </summary>
internal sealed class PredictionHistory(RunDirectory directory)
{
    public const int MaxSteps = 50;

    private bool hasSet; // this process has written it

    /// <summary>Those of steps that are computed again, and perhaps differently.</summary>
    /// <param name="step">The last one that stays.</param>
    /// <exception cref="IOException">They cannot be removed.</exception>
    public void RemoveAfter(long step)
    {
        foreach (long later in Steps().Where(other => other > step).ToList())
            File.Delete(directory.PredictionStep(later));
    }

    /// <exception cref="IOException">It cannot be written.</exception>
    public void Write(ProbeSet set, ProbeResult result)
    {
        Directory.CreateDirectory(directory.PredictionSteps);
        if (!hasSet)
            set.Save(directory.ProbeSet);
        hasSet = true;
        result.Save(directory.PredictionStep(result.Step));
        var steps = Steps().Order().ToList();
        while (steps.Count > MaxSteps)
        {
            int left = Superfluous(steps);
            File.Delete(directory.PredictionStep(steps[left]));
            steps.RemoveAt(left);
        }
    }

    /// <summary>The one without which the gap is smallest, and of several the earliest; never the first or the last.</summary>
    private static int Superfluous(List<long> steps) =>
        Enumerable.Range(1, steps.Count - 2).MinBy(at => steps[at + 1] - steps[at - 1]);

    private IEnumerable<long> Steps() => !Directory.Exists(directory.PredictionSteps) ? []
        : Directory.EnumerateFiles(directory.PredictionSteps)
            .Select(path => RunDirectory.StepOfPrediction(Path.GetFileName(path))).OfType<long>();
}
