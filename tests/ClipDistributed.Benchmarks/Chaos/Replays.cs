using System.Globalization;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Contracts.Runs;

namespace ClipDistributed.Benchmarks.Chaos;

/// <summary>From each checkpoint that a run saved while things happened to it: the next steps on one replica that nothing happens
/// to.</summary>
internal sealed class Replays(string clipd, string folder, RunDirectory run)
{
    public const int Steps = 20;
    private const double LossBound = 1e-5;

    /// <param name="recorded">The run's own steps.</param>
    /// <param name="wanted">Checkpoints.</param>
    /// <returns>What does not agree; null: all does.</returns>
    public string? Compare(IReadOnlyList<StepMetrics> recorded, int wanted)
    {
        var losses = recorded.ToDictionary(step => step.Step, step => step.Loss);
        // Where all replicas were lost, a later attempt began at a checkpoint, and what lay behind that does not count.
        var attempts = RunInfo.Load(run.Info).Attempts;
        var starts = attempts
            .Where(attempt => Directory.Exists(run.Attempt(attempt.Number)))
            .SelectMany(attempt =>
                Directory
                    .GetDirectories(run.Attempt(attempt.Number), "step-*")
                    .Order()
                    .Select(path =>
                        (
                            Path: path,
                            Attempt: attempt.Number,
                            Step: long.Parse(Path.GetFileName(path)["step-".Length..], CultureInfo.InvariantCulture)
                        )
                    )
            )
            .Where(start =>
                losses.ContainsKey(start.Step + Steps)
                && attempts.All(later => later.Number <= start.Attempt || start.Step <= later.FromStep)
            )
            .ToList();
        if (starts.Count > wanted) // from the first to the last
            starts = [.. Enumerable.Range(0, wanted).Select(i => starts[i * (starts.Count - 1) / (wanted - 1)])];
        var differences = starts
            .Select(start => Replay(start.Path, start.Attempt, start.Step).Max(step => Math.Abs(step.Loss / losses[step.Step] - 1)))
            .ToList();
        if (starts.Count == 0)
            return "no checkpoint has 20 steps after it";
        Console.WriteLine(
            string.Create(
                CultureInfo.InvariantCulture,
                $"mix: {Steps} undisturbed steps on one replica from the checkpoints of steps "
                    + $"{string.Join(", ", starts.Select(start => start.Step))}: losses differ from the mix's by at most "
                    + $"{string.Join(", ", differences.Select(difference => difference.ToString("0.0e+00", CultureInfo.InvariantCulture)))}"
            )
        );
        return starts.Count < wanted ? $"only {starts.Count} checkpoints of {wanted}"
            : differences.Max() > LossBound ? $"a replay differs by {differences.Max():0.0e+00}"
            : null;
    }

    /// <summary>In a run directory of its own, which holds that checkpoint alone.</summary>
    private List<StepMetrics> Replay(string checkpoint, int attempt, long step)
    {
        var directory = new RunDirectory(Path.Combine(folder, "runs", $"replay-{step}"));
        string copy = Directory.CreateDirectory(directory.Checkpoint(attempt, step)).FullName;
        foreach (string file in new[] { run.Spec, run.Manifest, run.Model, run.Tokenizer, run.Info })
            File.Copy(file, Path.Combine(directory.Root, Path.GetFileName(file)));
        foreach (string file in Directory.GetFiles(checkpoint))
            File.Copy(file, Path.Combine(copy, Path.GetFileName(file)));
        return new LocalTraining(clipd, folder).Run(directory, step + Steps, replicas: 1);
    }
}
