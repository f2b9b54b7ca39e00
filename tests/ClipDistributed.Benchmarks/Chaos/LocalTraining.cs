using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using ClipDistributed.Contracts.Records;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Contracts.Runs;

namespace ClipDistributed.Benchmarks.Chaos;

/// <summary><c>clipd train</c>, until a step: a run that nothing happens to.</summary>
/// <param name="folder">Holds the spec and the data.</param>
internal sealed partial class LocalTraining(string clipd, string folder)
{
    private const int SigTerm = 15; // SIGINT is ignored where a shell started this in the background

    /// <summary>Goes on with what the directory holds, or begins there.</summary>
    /// <returns>The steps that were done now.</returns>
    public List<StepMetrics> Run(RunDirectory directory, long until, int replicas, params string[] changes)
    {
        string[] all = [$"run_directory={directory.Root}", .. changes];
        string[] arguments =
        [
            "train",
            "spec.yaml",
            "--json",
            .. File.Exists(directory.Info) ? ["--resume"] : Array.Empty<string>(),
            "--replicas",
            replicas.ToString(CultureInfo.InvariantCulture),
            .. all.SelectMany(change => new[] { "--set", change }),
        ];
        using var process = Process.Start(
            new ProcessStartInfo(clipd, arguments)
            {
                WorkingDirectory = folder,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            }
        )!;
        var errors = process.StandardError.ReadToEndAsync();
        var steps = new List<StepMetrics>();
        while (process.StandardOutput.ReadLine() is { } line)
        {
            if (RunRecordJson.TryParse(line)?.Step is not { } step || step.Step > until)
                continue;
            steps.Add(step);
            if (step.Step == until)
                _ = kill(process.Id, SigTerm); // saves and stops
        }
        process.WaitForExit();
        return steps.Count > 0 && steps[^1].Step == until
            ? steps
            : throw new InvalidOperationException(
                $"clipd {string.Join(' ', arguments)} ended with {process.ExitCode} before step {until}: {errors.Result}"
            );
    }

    [LibraryImport("libc")]
    private static partial int kill(int process, int signal);
}
