using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Contracts.Spec;
using ClipDistributed.Contracts.Spec.V1;
using ClipDistributed.Coordinator.ActiveRuns;
using ClipDistributed.Coordinator.Hosts;
using ClipDistributed.Coordinator.Links;
using ClipDistributed.Coordinator.Settings;
using ClipDistributed.Coordinator.Store.Rows;
using ClipDistributed.Data.Preparation;
using Grpc.Core;

namespace ClipDistributed.Coordinator.Runs;

/// <summary>Accepts jobs: validates and prepares them, assigns their ids, and begins their runs.</summary>
internal sealed class JobSubmission(RunTable table, DevicePool pool, CoordinatorOptions options, TimeProvider time)
{
    // A cancelled call may be noticed a moment after the client's next one.
    private static readonly TimeSpan LeaveTimeout = TimeSpan.FromSeconds(1);

    private readonly SemaphoreSlim naming = new(1, 1);
    private readonly Dictionary<string, Preparation> preparing = []; // by run directory; under its own lock

    /// <param name="cancel">The client has cancelled: what was prepared so far is removed. A run that has begun goes on.</param>
    /// <param name="owner">Who submits it; empty: it is not known.</param>
    /// <param name="request">By which the client may repeat it, stored with the run; null: it gave no id.</param>
    /// <exception cref="BadInputException">Spec, data or run directory cannot be used.</exception>
    /// <exception cref="RequestRefusedException">Too many runs of this owner have not ended.</exception>
    public async Task<SubmittedJob> SubmitAsync(
        TrainingSpec spec, bool resume, string owner, RequestRow? request, CancellationToken cancel)
    {
        string directory = CheckedDirectory(spec);
        CheckMayBegin(owner);
        using var preparation = new Preparation(cancel);
        await ReserveAsync(directory, preparation, cancel);
        try
        {
            CheckIsFree(directory);
            var notices = new List<string>();
            // Shards are described, a vocabulary may be trained: seconds of work.
            var prepared = await Task.Run(
                () => OfFilesOfOthers(() => RunPreparation.Prepare(spec, resume, notices.Add, manyReplicas: true, Cache, cancel)), cancel);
            return await BeginAsync(prepared, new Submission(directory, resume, owner, request), notices);
        }
        finally
        {
            lock (preparing)
                preparing.Remove(directory);
        }
    }

    /// <summary>Checks all that a submission does, and leaves nothing.</summary>
    /// <exception cref="BadInputException">Spec, data or run directory cannot be used.</exception>
    public async Task<ValidatedJob> ValidateAsync(TrainingSpec spec, bool resume, string owner, CancellationToken cancel)
    {
        string directory = CheckedDirectory(spec);
        lock (preparing)
        {
            if (preparing.ContainsKey(directory))
                throw BeingSubmitted(directory);
        }
        CheckIsFree(directory);
        CheckMayBegin(owner);
        var notices = new List<string>();
        var run = await Task.Run(() => OfFilesOfOthers(() => RunPreparation.Validate(spec, resume, notices.Add, Cache, cancel)), cancel);
        return new ValidatedJob(run, notices, pool.Foresee(RunNeed.Of(run.Spec, run.Spec.Name, owner)));
    }

    /// <summary>Who submits a job names files that this coordinator's user can read, and not necessarily who submits it.</summary>
    private static T OfFilesOfOthers<T>(Func<T> read)
    {
        FileWords.Hide(); // in this task alone
        return read();
    }

    private string Cache => Path.Combine(options.StateDirectory, "cache");

    private async Task<SubmittedJob> BeginAsync(PreparedRun prepared, Submission submission, IReadOnlyList<string> notices)
    {
        var (directory, resume, owner, request) = submission;
        await naming.WaitAsync();
        try
        {
            CheckMayBegin(owner); // again: others of the same owner were prepared meanwhile
            string name = prepared.Spec.Name;
            var now = time.GetUtcNow().UtcDateTime;
            string jobId = JobIdOf(name, directory, resume);
            int number = 1 + table.LastNumber(name);
            string runId = $"{name}-{number}";
            var job = JobRows.Of(prepared, jobId, now);
            (job.RunDirectory, job.Owner) = (directory, owner);
            var run = new RunRow
            {
                RunId = runId,
                JobId = jobId,
                Name = name,
                Number = number,
                RunDirectory = directory,
                State = RunState.Pending,
                Steps = prepared.Plan.Steps,
                MinReplicas = (int)prepared.Spec.Replicas.Min,
                MaxReplicas = (int)Math.Min(prepared.Spec.Replicas.Max, prepared.Spec.Batch.Global),
                Submitted = now,
            };
            if (request is not null)
                (request.JobId, request.RunId, request.Notices) = (jobId, runId, string.Join('\n', notices));
            await table.BeginAsync(job, run, request);
            return new SubmittedJob(jobId, runId, notices);
        }
        finally
        {
            naming.Release();
        }
    }

    private void CheckMayBegin(string owner)
    {
        var jobs = table.Jobs.Where(job => job.Owner == owner).Select(job => job.JobId).ToHashSet(StringComparer.Ordinal);
        if (table.Runs.Count(run => !run.HasEnded && jobs.Contains(run.Row.JobId)) >= options.Limits.ActiveRunsPerOwner)
            throw new RequestRefusedException(
                StatusCode.ResourceExhausted,
                $"{options.Limits.ActiveRunsPerOwner} runs of {owner} have not ended; "
                    + "wait until one has, or cancel one with clipd run cancel");
    }

    /// <summary>A resumed job keeps its id; another one of the same name gets a letter: demo, demo-b, demo-c.</summary>
    private string JobIdOf(string name, string directory, bool resume)
    {
        var jobs = table.Jobs;
        if (resume && jobs.LastOrDefault(job => job.RunDirectory == directory && job.Name == name) is { } resumed)
            return resumed.JobId;
        return JobRows.Candidates(name).First(id => jobs.All(job => job.JobId != id));
    }

    private async Task ReserveAsync(string directory, Preparation own, CancellationToken cancel)
    {
        while (true)
        {
            Preparation? other;
            lock (preparing)
            {
                if (preparing.TryAdd(directory, own))
                    return;
                other = preparing[directory];
            }
            try
            {
                await other.GivenUp.WaitAsync(LeaveTimeout, time, cancel);
            }
            catch (TimeoutException)
            {
                throw BeingSubmitted(directory);
            }
            await other.Over.WaitAsync(cancel); // soon: it checks for cancellation
        }
    }

    private void CheckIsFree(string directory)
    {
        if (table.Runs.FirstOrDefault(run => !run.HasEnded && run.Row.RunDirectory == directory) is { } active)
            throw InUse(
                directory,
                $"the run {active.Row.RunId}, which is {RunStateText.Lower(active.Run.State)}; {WayOut(active.Run)}"
            );
    }

    /// <summary>One that is paused does not end by itself; one that was preempted does, and resuming it changes nothing.</summary>
    private static string WayOut(Run run) => run switch
    {
        { State: RunState.Preempted } or { State: RunState.Pausing, PreemptedBy: not "" } =>
            $"it goes on by itself: wait for it, cancel it with clipd run cancel {run.RunId}",
        { State: RunState.Pausing or RunState.Paused } =>
            $"resume it with clipd run resume {run.RunId} and wait for it, cancel it with clipd run cancel {run.RunId}",
        _ => $"stop it with clipd run stop {run.RunId}, wait for it",
    };

    private static BadInputException BeingSubmitted(string directory) =>
        InUse(directory, "a job that is being submitted; wait for it");

    private static BadInputException InUse(string directory, string user) =>
        new([new InputError("run_directory", $"run_directory {directory} is in use by {user}, or choose another run_directory.")]);

    private static string CheckedDirectory(TrainingSpec spec)
    {
        SpecValidator.Check(spec); // first: not every string is a path
        CheckPaths(spec);
        return Path.TrimEndingDirectorySeparator(Path.GetFullPath(spec.RunDirectory));
    }

    /// <summary>A relative path would be resolved against this process's folder, which the user does not know.</summary>
    private static void CheckPaths(TrainingSpec spec)
    {
        var errors = SpecPaths.Of(spec).Where(path => !IsFinal(path.Path) && (path.Path != "" || path.Key == "run_directory"))
            .Select(path => new InputError(path.Key, $"{path.Key} is '{path.Path}'; use an absolute path, as every host sees it."))
            .ToList();
        if (errors.Count > 0)
            throw new BadInputException(errors);

        // The calling clipd expands variables, never this process.
        static bool IsFinal(string path) =>
            Path.IsPathRooted(path) && !path.Contains('\0') && (!path.Contains('$') || File.Exists(path) || Directory.Exists(path));
    }

    private sealed record Submission(string Directory, bool Resume, string Owner, RequestRow? Request);

    private sealed class Preparation : IDisposable
    {
        private readonly TaskCompletionSource givenUp = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource over = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly CancellationTokenRegistration cancelled;

        /// <param name="cancel">Its client has cancelled.</param>
        public Preparation(CancellationToken cancel) => cancelled = cancel.Register(() => givenUp.TrySetResult());

        /// <summary>Its client has cancelled, or it is over.</summary>
        public Task GivenUp => givenUp.Task;

        public Task Over => over.Task;

        public void Dispose()
        {
            cancelled.Dispose();
            givenUp.TrySetResult();
            over.TrySetResult();
        }
    }
}
