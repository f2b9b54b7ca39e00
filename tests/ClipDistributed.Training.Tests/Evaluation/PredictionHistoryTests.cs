using ClipDistributed.Contracts.Runs;
using ClipDistributed.Training.Evaluation;

namespace ClipDistributed.Training.Tests.Evaluation;

public sealed class PredictionHistoryTests : IDisposable
{
    private static readonly ProbeSet Set = new(["a"], [[1]], []);

    private readonly TemporaryFolder folder = new();

    private RunDirectory Run => new(folder.Path);

    private List<long> Steps =>
    [
        .. Directory.GetFiles(Run.PredictionSteps, "step-*").Select(file => RunDirectory.StepOfPrediction(Path.GetFileName(file))!.Value)
            .Order(),
    ];

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Write_ManyEvaluations_KeepsAFewOverTheWholeRun()
    {
        var history = new PredictionHistory(Run);
        for (long step = 10; step <= 2000; step += 10)
            history.Write(Set, Result(step));

        var steps = Steps;
        Assert.Equal((PredictionHistory.MaxSteps, 10L, 2000L), (steps.Count, steps[0], steps[^1]));
        var gaps = steps.Zip(steps.Skip(1), (one, next) => next - one).ToList();
        Assert.InRange(gaps.Max(), 10, 80); // 40 where all were equal
        Assert.True(ProbeResult.TryParse(File.ReadAllBytes(Run.PredictionStep(steps[7])))!.Fits(ProbeSet.Load(Run.ProbeSet)));
    }

    [Fact]
    public void RemoveAfter_StepsThatAreComputedAgain_LeavesTheOthers()
    {
        var history = new PredictionHistory(Run);
        history.RemoveAfter(5); // there is none yet
        foreach (long step in (long[])[10, 20, 30])
            history.Write(Set, Result(step));
        File.WriteAllText(Path.Combine(Run.PredictionSteps, "step-other.json"), "");
        history.RemoveAfter(20);
        Assert.True(File.Exists(Path.Combine(Run.PredictionSteps, "step-other.json")));
        File.Delete(Path.Combine(Run.PredictionSteps, "step-other.json"));
        Assert.Equal([10, 20], Steps);
    }

    private static ProbeResult Result(long step) => new(step, [[0.5]], []);
}
