using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Processes;
using ClipDistributed.Contracts.Runs;
using ClipDistributed.Reporting.Runs;

namespace ClipDistributed.Cli.Progress;

/// <summary>The last lines of <c>clipd train</c>.</summary>
internal static class RunSummary
{
    /// <param name="steps">The last step of the run.</param>
    public static void Write(RunDirectory directory, TrainProgress progress, long steps, int exit)
    {
        string time = progress.Ended is { } ended ? $" in {ended.Seconds:0} s" : "";
        if (exit == ExitCodes.Resumable)
            Console.WriteLine($"stopped after step {progress.Ended?.Step ?? progress.Last?.Step ?? 0}, saved; add --resume to go on");
        else if (progress.Last is { } last)
            Console.WriteLine($"finished {Counted.Plain(steps, "step")}{time} · final loss "
                + $"{FinalLoss.Describe(RunFiles.Read(directory.Root).Steps)}, last step {last.Loss:0.000}{Evaluations(progress, steps)}");
        else
            Console.WriteLine($"nothing to do: step {steps} of {steps} is done");
        Console.WriteLine($"report: {Path.GetRelativePath(Environment.CurrentDirectory, directory.Report)}");
    }

    private static string Evaluations(TrainProgress progress, long step) =>
        string.Concat(
            progress
                .Evaluations.Where(evaluation => evaluation.Step == step)
                .Select(evaluation => $" · {evaluation.Source} {evaluation.Top1:P1}")
        );
}
