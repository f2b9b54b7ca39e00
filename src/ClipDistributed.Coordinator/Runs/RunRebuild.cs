using System.Globalization;
using System.Text.Json;
using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Records;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Contracts.Runs;
using ClipDistributed.Contracts.Spec;
using ClipDistributed.Coordinator.Store.Rows;
using ClipDistributed.Coordinator.Store;
using ClipDistributed.Data.Manifests;
using ClipDistributed.Data.Preparation;

namespace ClipDistributed.Coordinator.Runs;

/// <summary>
/// Adds runs to a store that has lost them, from their directories. They count as ended: their replicas are no longer known, and a
/// resume goes on from the newest checkpoint.
/// </summary>
internal static class RunRebuild
{
    private const string Reason = "rebuilt from its directory; clipd submit SPEC --resume goes on from the newest checkpoint";

    /// <summary>Reads the directories that <paramref name="given"/> are or hold.</summary>
    /// <param name="leave">Receives a line about each run that is damaged and left out; the others are rebuilt.</param>
    /// <exception cref="BadInputException">Lists each directory that holds no run; or none of the runs can be read.</exception>
    public static IReadOnlyList<FoundRun> Read(IReadOnlyList<string> given, Action<string>? leave = null)
    {
        var errors = new List<string>();
        var damages = new List<string>();
        var found = new List<FoundRun>();
        foreach (string folder in given.Select(folder => Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder))))
        {
            var roots = RunsIn(folder);
            if (roots.Count == 0)
                errors.Add(
                    $"--rebuild: {folder} "
                        + $"{(Directory.Exists(folder) ? "holds no run.json, and no folder in it does" : "does not exist")}; name run "
                        + $"directories, or a folder of them."
                );
            foreach (string root in roots)
            {
                try
                {
                    found.Add(Read(new RunDirectory(root)));
                }
                catch (Exception damaged)
                    when (damaged
                            is BadInputException
                                or IOException
                                or UnauthorizedAccessException
                                or JsonException
                                or InvalidDataException
                    )
                {
                    damages.Add(
                        $"{root} cannot be read ({damaged.Message.ReplaceLineEndings(" ").TrimEnd('.')}) and is left out; restore "
                            + $"its files."
                    );
                }
            }
        }
        if (errors.Count > 0 || (found.Count == 0 && damages.Count > 0))
            throw new BadInputException([.. errors, .. damages.Select(damage => $"--rebuild: {damage}")]);
        damages.ForEach(damage => leave?.Invoke(damage));
        return found;
    }

    /// <summary>Adds those that the store does not know.</summary>
    /// <param name="say">Receives a line about each.</param>
    public static async Task AddAsync(IRunStore store, IReadOnlyList<FoundRun> found, Action<string> say)
    {
        var (storedJobs, storedRuns) = await store.LoadAsync();
        var jobs = storedJobs.Select(job => job.JobId).ToHashSet();
        var runs = storedRuns.ToList();
        foreach (var one in found.OrderBy(run => run.Submitted))
        {
            string directory = one.Prepared.Directory.Root;
            if (runs.Find(run => run.RunDirectory == directory && run.Deleted is null) is { } known)
            {
                say($"{directory} is known already, as {known.RunId}");
                continue;
            }
            var run = RowOf(one, JobRows.Candidates(one.Prepared.Spec.Name).First(jobs.Add), runs);
            await store.AddAsync(JobRows.Of(one.Prepared, run.JobId, run.Submitted), run);
            runs.Add(run);
            say($"{run.RunId} is rebuilt from {directory}: step {run.Step} of {run.Steps}");
        }
    }

    private static IReadOnlyList<string> RunsIn(string folder)
    {
        if (File.Exists(new RunDirectory(folder).Info))
            return [folder];
        return Directory.Exists(folder)
            ? [.. Directory.GetDirectories(folder).Where(inner => File.Exists(new RunDirectory(inner).Info)).Order(StringComparer.Ordinal)]
            : [];
    }

    private static FoundRun Read(RunDirectory directory)
    {
        var prepared = PreparedRun.Open(directory);
        SpecValidator.Check(SpecDefaults.Fill(prepared.Spec)); // as of a job that is submitted: its name becomes an id
        JobRows.Of(prepared, prepared.Spec.Name, default); // what else is needed can be read too
        return new FoundRun(prepared, RunInfo.Load(directory.Info), LastStep(directory), NumberOf(directory, prepared.Spec.Name),
            File.GetLastWriteTimeUtc(directory.Spec), File.GetLastWriteTimeUtc(directory.Info));
    }

    private static RunRow RowOf(FoundRun found, string jobId, List<RunRow> others)
    {
        var (prepared, info, last) = (found.Prepared, found.Info, found.Last);
        string name = prepared.Spec.Name;
        int number = found.Number is { } former && others.TrueForAll(run => run.Name != name || run.Number != former)
            ? former
            : 1 + others.Where(run => run.Name == name).Select(run => run.Number).DefaultIfEmpty(0).Max();
        var state = info.Finished ? RunState.Succeeded : RunState.Stopped;
        string reason = info.Finished ? "" : Reason;
        return new RunRow
        {
            RunId = $"{name}-{number.ToString(CultureInfo.InvariantCulture)}",
            JobId = jobId,
            Name = name,
            Number = number,
            RunDirectory = prepared.Directory.Root,
            State = state,
            Reason = reason,
            EndState = state,
            EndReason = reason,
            Step = last?.Step ?? 0,
            Steps = prepared.Plan.Steps,
            Loss = last is { Loss: var loss } && double.IsFinite(loss) ? loss : null,
            Submitted = found.Submitted,
            Ended = found.Saved,
        };
    }

    /// <summary>The number that the run had; null: no coordinator has led it.</summary>
    private static int? NumberOf(RunDirectory directory, string name) =>
        WriterFile.Claim(directory) is { } claim
        && claim.RunId.StartsWith($"{name}-", StringComparison.Ordinal)
        && int.TryParse(claim.RunId.AsSpan(name.Length + 1), NumberStyles.None, CultureInfo.InvariantCulture, out int number)
        && number > 0
            ? number
            : null;

    private static StepMetrics? LastStep(RunDirectory directory) => File.Exists(directory.Metrics)
        ? RunLines.Read(directory.Metrics).OfType<string>()
            .Select(line => RunRecordJson.TryParse(line)?.Step).OfType<StepMetrics>().LastOrDefault()
        : null;

    /// <summary>The content of a run's directory.</summary>
    /// <param name="Last">The last recorded step; null: none.</param>
    /// <param name="Number">The number that the run had; null: no coordinator has led it.</param>
    /// <param name="Submitted">UTC.</param>
    /// <param name="Saved">When its state was written last, UTC.</param>
    internal sealed record FoundRun(
        PreparedRun Prepared, RunInfo Info, StepMetrics? Last, int? Number, DateTime Submitted, DateTime Saved);
}
