using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Runs;
using ClipDistributed.Coordinator.Links;
using ClipDistributed.Coordinator.Runs;
using ClipDistributed.Data.Checkpoints;
using Grpc.Core;

namespace ClipDistributed.Coordinator.Checkpoints;

/// <summary>
/// The checkpoints of runs, as they lie in the run directory and in S3: replicas write them there, and nothing of them is stored here.
/// </summary>
internal sealed class RunCheckpoints(RunTable table, CheckpointCheck check)
{
    private readonly SemaphoreSlim changing = new(1); // what is being pinned is not deleted meanwhile

    /// <exception cref="RequestRefusedException">There is no such run, or a place of its checkpoints cannot be read.</exception>
    public Task<List<RunCheckpoint>> ListAsync(string runId, CancellationToken cancel) => Task.Run(() => List(runId, cancel), cancel);

    /// <summary>Of the run directory, which all hosts see.</summary>
    /// <param name="attempt">0: the last one that has a checkpoint of this step.</param>
    /// <param name="step">0: the newest that is not abandoned.</param>
    /// <exception cref="RequestRefusedException">There is no such run or checkpoint.</exception>
    public async Task<StoredCheckpoint> FindOnDiskAsync(string runId, int attempt, long step, CancellationToken cancel)
    {
        var all = await Task.Run(() => List(runId, cancel), cancel);
        var fit = all.FindAll(one => step == 0
            ? !one.IsAbandoned : one.Stored.Step == step && (attempt == 0 || one.Stored.Attempt == attempt));
        var onDisk = fit.Where(one => one.Place is DiskCheckpoints).Select(one => one.Stored);
        return onDisk.MaxBy(one => (one.Attempt, one.Step)) ?? throw RequestRefusedException.NotFound(
            (fit.Count, step) switch
            {
                (0, 0) => $"run {runId} has no checkpoint yet; clipd checkpoint save {runId} makes one",
                (0, _) => $"run {runId} has no checkpoint of step {step}; clipd checkpoint list {runId} shows all",
                _ => $"the run directory of {runId} has no such checkpoint any more, S3 alone; choose one of the run directory",
            });
    }

    /// <param name="attempt">0: the last one that has a checkpoint of this step.</param>
    /// <param name="isPinned">False: it is no longer to be pinned.</param>
    /// <exception cref="RequestRefusedException">There is no such run or checkpoint.</exception>
    /// <returns>Whether that changed anything.</returns>
    public Task<bool> PinAsync(string runId, int attempt, long step, bool isPinned, CancellationToken cancel) => ChangeAsync(
        () =>
        {
            var (found, _) = Find(runId, attempt, step, cancel);
            var changed = found.Where(one => one.Stored.IsPinned != isPinned).ToList();
            foreach (var one in changed)
                one.Place.Pin(one.Stored, isPinned, cancel);
            Find(runId, found[0].Stored.Attempt, step, cancel); // its run may have removed it meanwhile
            return changed.Count > 0;
        },
        cancel);

    /// <summary>From all places.</summary>
    /// <param name="attempt">As above.</param>
    /// <exception cref="RequestRefusedException">There is no such run or checkpoint, it is pinned, or the run needs it.</exception>
    public async Task DeleteAsync(string runId, int attempt, long step, CancellationToken cancel)
    {
        var (found, all) = await Task.Run(() => Find(runId, attempt, step, cancel), cancel);
        string name = $"the checkpoint of step {step}, attempt {found[0].Stored.Attempt}";
        CheckUnpinned(found);
        if (await IsNeededAsync(table.Find(runId), found[0], all, cancel))
            throw RequestRefusedException.WrongState(
                $"run {runId} goes on, and {name} is the newest that is whole; clipd checkpoint save {runId} makes a newer one");
        await ChangeAsync(
            () =>
            {
                (found, _) = Find(runId, found[0].Stored.Attempt, step, cancel);
                CheckUnpinned(found); // again: others were read meanwhile, which may take minutes
                found.ForEach(one => one.Place.Delete(one.Stored, cancel));
                return true;
            },
            cancel);

        void CheckUnpinned(List<RunCheckpoint> now)
        {
            if (now.Exists(one => one.Stored.IsPinned))
                throw RequestRefusedException.WrongState(
                    $"{name} is pinned; clipd checkpoint unpin {runId} {step} --attempt {now[0].Stored.Attempt} allows it");
        }
    }

    /// <summary>Pins the checkpoint, so that it is there when the run goes on from it.</summary>
    /// <param name="attempt">As above.</param>
    /// <exception cref="RequestRefusedException">There is no such run or checkpoint, it is damaged, or the run cannot be rolled
    /// back.</exception>
    public async Task RollBackAsync(string runId, int attempt, long step, string by, CancellationToken cancel)
    {
        var (found, _) = await Task.Run(() => Find(runId, attempt, step, cancel), cancel);
        attempt = found[0].Stored.Attempt;
        string? damage = null;
        foreach (var one in found)
        {
            if ((damage = await check.FindDamageAsync(one, cancel)) is null)
                break;
        }
        if (damage is not null)
            throw RequestRefusedException.WrongState(
                $"the checkpoint of step {step} of attempt {attempt} is damaged ({damage}); choose another one");
        if (table.Find(runId).HasEnded)
            throw RequestRefusedException.WrongState(
                $"run {runId} has ended: nothing is to be rolled back; clipd submit --from {runId}@{step} --set run_directory=DIR begins "
                    + "a new run with that checkpoint");
        await PinAsync(runId, attempt, step, isPinned: true, cancel);
        await table.RollBackAsync(runId, attempt, step, by);
    }

    private async Task<bool> ChangeAsync(Func<bool> change, CancellationToken cancel)
    {
        await changing.WaitAsync(cancel);
        try
        {
            return await Task.Run(change, cancel);
        }
        finally
        {
            changing.Release();
        }
    }

    private List<RunCheckpoint> List(string runId, CancellationToken cancel)
    {
        var run = table.Find(runId);
        var directory = new RunDirectory(run.Row.RunDirectory);
        try
        {
            var attempts = RunInfo.Load(directory.Info).Attempts;
            return [.. PlacesOf(run, directory).SelectMany(place => Read(place, attempts, cancel))];
        }
        catch (BadInputException unreadable) // no fault of the request
        {
            throw RequestRefusedException.WrongState(unreadable.Message);
        }
    }

    private IEnumerable<ICheckpointPlace> PlacesOf(RunJournal run, RunDirectory directory)
    {
        yield return new DiskCheckpoints(directory);
        var spec = JobSpecs.TryRead(table.Jobs.FirstOrDefault(job => job.JobId == run.Row.JobId)); // damaged: no bucket is known
        if (S3Checkpoints.Open(spec?.Checkpoint?.Location ?? "") is { } bucket)
            yield return bucket;
    }

    private static List<RunCheckpoint> Read(ICheckpointPlace place, IReadOnlyList<RunAttempt> attempts, CancellationToken cancel)
    {
        try
        {
            var all = place.List(cancel);
            var line = CheckpointLineage.Of(all, attempts).ToHashSet();
            return [.. all.Select(one => new RunCheckpoint(one, place, !line.Contains(one)))];
        }
        catch (IOException absent) when (place is S3Checkpoints)
        {
            throw new RequestRefusedException(StatusCode.Unavailable, $"{absent.Message}; try again when it answers");
        }
    }

    /// <returns>The checkpoint in each of its places, and all of the run.</returns>
    private (List<RunCheckpoint> Found, List<RunCheckpoint> All) Find(string runId, int attempt, long step, CancellationToken cancel)
    {
        var all = List(runId, cancel);
        var found = all.Where(one => one.Stored.Step == step && (attempt == 0 || one.Stored.Attempt == attempt)).ToList();
        if (found.Count == 0)
            throw RequestRefusedException.NotFound(
                $"run {runId} has no checkpoint of step {step}{(attempt == 0 ? "" : $" of attempt {attempt}")}; "
                    + $"clipd checkpoint list {runId} shows all");
        int last = found.Max(one => one.Stored.Attempt);
        return (found.FindAll(one => one.Stored.Attempt == last), all);
    }

    /// <summary>The run goes on, and would restore this one: no newer one on its line is whole.</summary>
    private async Task<bool> IsNeededAsync(RunJournal run, RunCheckpoint given, List<RunCheckpoint> all, CancellationToken cancel)
    {
        if (run.HasEnded || given.IsAbandoned)
            return false;
        foreach (var newer in all.Where(other => !other.IsAbandoned && other.Position.CompareTo(given.Position) > 0))
        {
            if (await check.FindDamageAsync(newer, cancel) is null)
                return false;
        }
        return true;
    }
}
