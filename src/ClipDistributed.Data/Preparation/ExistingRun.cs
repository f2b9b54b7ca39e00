using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Files;
using ClipDistributed.Contracts.Records;
using ClipDistributed.Contracts.Runs;
using ClipDistributed.Contracts.Spec;
using ClipDistributed.Contracts.Spec.V1;
using ClipDistributed.Data.Checkpoints;

namespace ClipDistributed.Data.Preparation;

/// <summary>
/// What a run directory holds before a run is prepared in it. A resume that cannot go on must not begin anew: it would cut
/// what was recorded. Only a run that goes on within a cluster may, because there the coordinator knows how far it was.
/// </summary>
public static class ExistingRun
{
    /// <summary>The full spec of the run that a spec would go on with; null: none began there, as far as can be seen from here.</summary>
    public static TrainingSpec? StoredSpec(TrainingSpec given)
    {
        var directory = DirectoryOf(given);
        return File.Exists(directory.Spec) && File.Exists(directory.Info) && RunInfo.Load(directory.Info).Attempts.Count > 0
            ? PreparedRun.ReadSpec(directory)
            : null;
    }

    /// <summary>To be called before anything is made.</summary>
    /// <exception cref="BadInputException">There is nothing to resume.</exception>
    internal static void CheckExists(TrainingSpec given)
    {
        var directory = DirectoryOf(given);
        if (!Directory.Exists(directory.Root))
            throw NoRun(directory, "there is no such folder");
    }

    /// <summary>To be called before anything is made: a folder may be a user's own, whose files are not to be overwritten.</summary>
    /// <exception cref="BadInputException">There is no run, but a file of the name of one that a run writes.</exception>
    public static void CheckFree(RunDirectory directory)
    {
        if (IsThere(directory.Info) || HoldsARun(directory))
            return;
        string[] foreign = [.. directory.Written.Where(IsThere).Select(path => Path.GetFileName(path))];
        if (foreign.Length > 0)
            throw new BadInputException(
                $"run_directory {directory.Root} holds {string.Join(", ", foreign)}, but no run (there is no "
                    + $"{Path.GetFileName(directory.Info)}), and a run there would overwrite that; choose another run_directory, or move "
                    + $"it away."
            );
    }

    /// <returns>
    /// The state of the run that goes on; null: one begins. A directory in which no attempt began holds only what a refused spec or a
    /// killed preparation left.
    /// </returns>
    /// <param name="location">Of checkpoints in S3; empty: the directory has them all.</param>
    /// <param name="say">Receives a line where a run goes on that has made no step.</param>
    /// <exception cref="BadInputException">The directory holds a run that is not to be resumed, or none that can be.</exception>
    internal static RunInfo? Find(RunDirectory directory, bool resume, string location, Action<string> say)
    {
        if (!IsThere(directory.Info))
        {
            if (HoldsARun(directory))
                throw new BadInputException(
                    $"{directory.Root} holds checkpoints or metrics of a run, but its "
                        + $"{Path.GetFileName(directory.Info)} is missing; restore that file, or choose another run_directory."
                );
            CheckFree(directory);
            return resume ? throw NoRun(directory, $"there is no {Path.GetFileName(directory.Info)} in it") : null;
        }
        var state = RunInfo.Load(directory.Info);
        if (state.Attempts.Count == 0)
            return null;
        if (!resume)
            throw new BadInputException(
                $"{directory.Root} already holds the run '{state.Name}'; add --resume to go on with it, or choose another run_directory.");
        if (HasCheckpoint(directory, state, location))
            return state;
        if (!state.Finished && state.Attempts.All(attempt => attempt.FromStep == 0) && !HasSteps(directory))
        {
            say($"the run '{state.Name}' ended before its first step and its first checkpoint: it begins with step 1");
            return state;
        }
        throw new BadInputException(
            $"{directory.Root} holds steps of the run '{state.Name}', but {directory.Checkpoints} has no "
                + "checkpoint of it to go on from, and beginning anew would remove them; "
                + "restore a checkpoint, or choose another run_directory, or remove this one."
        );
    }

    private static RunDirectory DirectoryOf(TrainingSpec given) =>
        new(UserPath.Absolute(SpecDefaults.RunDirectoryOf(given), "run_directory"));

    private static BadInputException NoRun(RunDirectory directory, string reason) =>
        new(
            $"--resume: run_directory {directory.Root} holds no run to go on with ({reason}); correct run_directory, or leave --resume "
                + "out to begin a run there."
        );

    private static bool HoldsARun(RunDirectory directory) => new DiskCheckpoints(directory).List().Count > 0 || HasSteps(directory);

    /// <summary>Also a link to nothing.</summary>
    private static bool IsThere(string path) => FileKinds.Of(path) != FileKind.Missing || GuardedFile.IsLink(path);

    private static bool HasSteps(RunDirectory directory) =>
        FileKinds.Of(directory.Metrics) != FileKind.Missing
        && RunLines.Read(directory.Metrics).Any(line => line is not null && RunRecordJson.TryParse(line)?.Step is not null);

    /// <summary>Whole or not: that is found out when it is read.</summary>
    private static bool HasCheckpoint(RunDirectory directory, RunInfo state, string location)
    {
        if (IsAny(new DiskCheckpoints(directory)))
            return true;
        try
        {
            return S3Checkpoints.Open(location, state.Id) is { } bucket && IsAny(bucket);
        }
        catch (IOException)
        {
            return true; // S3 does not answer: the replica asks again, and goes on from nothing else
        }

        bool IsAny(ICheckpointPlace place) => place.List().Any(found => state.Attempts.Any(attempt => attempt.Number == found.Attempt));
    }
}
