using System.Runtime.InteropServices;
using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Models;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Contracts.Runs;
using ClipDistributed.Contracts.Spec.V1;
using ClipDistributed.Coordinator.Store;
using ClipDistributed.Data.Preparation;
using Google.Protobuf;

namespace ClipDistributed.Coordinator.Runs;

/// <summary>Accepts jobs: checks and prepares them, gives them ids, and begins their runs.</summary>
internal sealed class JobSubmission(RunTable table, TimeProvider time)
{
    private readonly SemaphoreSlim naming = new(1, 1);
    private readonly HashSet<string> preparing = []; // run directories

    /// <exception cref="BadInputException">Spec, data or run directory cannot be used.</exception>
    public async Task<(string JobId, string RunId, IReadOnlyList<string> Notices)> SubmitAsync(TrainingSpec spec, bool resume)
    {
        CheckPaths(spec);
        string directory = Path.TrimEndingDirectorySeparator(Path.GetFullPath(spec.RunDirectory));
        Reserve(directory);
        try
        {
            var notices = new List<string>();
            // Footers are read, a vocabulary may be trained: seconds of work.
            var prepared = await Task.Run(() => RunPreparation.Prepare(spec, resume, notices.Add, manyReplicas: true));
            CheckNeed(prepared.Spec);
            var (jobId, runId) = await BeginAsync(prepared, directory, resume);
            return (jobId, runId, notices);
        }
        finally
        {
            lock (preparing)
                preparing.Remove(directory);
        }
    }

    private async Task<(string JobId, string RunId)> BeginAsync(PreparedRun prepared, string directory, bool resume)
    {
        await naming.WaitAsync();
        try
        {
            string name = prepared.Spec.Name;
            var now = time.GetUtcNow().UtcDateTime;
            string jobId = JobIdOf(name, directory, resume);
            int number = 1 + table.Runs.Where(run => run.Row.Name == name).Select(run => run.Row.Number).DefaultIfEmpty(0).Max();
            string runId = $"{name}-{number}";
            var job = new JobRow
            {
                JobId = jobId,
                Name = name,
                RunDirectory = directory,
                Submitted = now,
                Spec = prepared.Spec.ToByteArray(),
                ShardRows = MemoryMarshal.AsBytes<long>(prepared.Manifest.RowsPerShard().ToArray()).ToArray(),
                Streams = prepared.Plan.Streams,
                ShuffleBlock = prepared.Plan.ShuffleBlock,
                ShareUnit = ShareUnit(prepared),
            };
            var run = new RunRow
            {
                RunId = runId,
                JobId = jobId,
                Name = name,
                Number = number,
                RunDirectory = directory,
                Phase = RunPhase.Pending,
                Steps = prepared.Plan.Steps,
                Submitted = now,
            };
            await table.BeginAsync(job, run);
            return (jobId, runId);
        }
        finally
        {
            naming.Release();
        }
    }

    /// <summary>A resumed job keeps its id; another one of the same name gets a letter: demo, demo-b, demo-c.</summary>
    private string JobIdOf(string name, string directory, bool resume)
    {
        var jobs = table.Jobs;
        if (resume && jobs.LastOrDefault(job => job.RunDirectory == directory && job.Name == name) is { } resumed)
            return resumed.JobId;
        return Candidates(name).First(id => jobs.All(job => job.JobId != id));
    }

    private static IEnumerable<string> Candidates(string name)
    {
        yield return name;
        for (string before = ""; ; before += "z")
        {
            for (char letter = before == "" ? 'b' : 'a'; letter <= 'z'; letter++)
                yield return $"{name}-{before}{letter}";
        }
    }

    /// <summary>Batch normalisation sees a micro-batch as a whole, so no share may cut one.</summary>
    private static int ShareUnit(PreparedRun prepared)
    {
        var model = ModelFolderConfig.ReadFile(prepared.Directory.Model).ModelCfg;
        int resolved = RunState.Load(prepared.Directory.State).MicroBatch;
        if (!model.HasBatchNorm)
            return 1;
        return resolved > 0 ? resolved : MicroBatchSize.Resolve(model, prepared.Plan.GlobalBatch, prepared.Spec.Batch.HasMicro ? (int)prepared.Spec.Batch.Micro : null);
    }

    private static void CheckNeed(TrainingSpec spec)
    {
        if (spec.Replicas.Min > spec.Batch.Global)
            throw new BadInputException($"replicas.min is {spec.Replicas.Min}, more than batch.global {spec.Batch.Global}: each replica needs a row of the batch; lower it.");
    }

    private void Reserve(string directory)
    {
        if (table.Runs.FirstOrDefault(run => !run.HasEnded && run.Row.RunDirectory == directory) is { } active)
            throw InUse(directory, $"the run {active.Row.RunId}, which is {active.Run.Phase.ToString().ToLowerInvariant()}; stop it with clipd run stop {active.Row.RunId}, wait for it");
        lock (preparing)
        {
            if (!preparing.Add(directory))
                throw InUse(directory, "a job that is being submitted; wait for it");
        }
    }

    private static BadInputException InUse(string directory, string user) => new($"run_directory {directory} is in use by {user}, or choose another run_directory.");

    /// <summary>A relative path would start at this process's folder, which says nothing to who submits.</summary>
    private static void CheckPaths(TrainingSpec spec)
    {
        var paths = new List<(string Key, string Path)> { ("run_directory", spec.RunDirectory) };
        if (spec.Data is { } data)
        {
            paths.AddRange(data.Train.Select((source, i) => ($"data.train[{i}].path", source.Path)));
            paths.AddRange(data.Validation.Select((source, i) => ($"data.validation[{i}].path", source.Path)));
        }
        if (spec.Model is { } model)
            paths.AddRange([("model.init_from", model.InitFrom), ("model.tokenizer", model.Tokenizer), ("model.config", model.Config)]);
        if (spec.Evaluate?.Zeroshot is { } zeroshot)
            paths.AddRange([("evaluate.zeroshot.classes", zeroshot.Classes), ("evaluate.zeroshot.templates", zeroshot.Templates)]);
        var errors = paths.Where(path => !Path.IsPathRooted(path.Path) && (path.Path != "" || path.Key == "run_directory"))
            .Select(path => $"{path.Key} is '{path.Path}'; use an absolute path, as every host sees it.").ToList();
        if (errors.Count > 0)
            throw new BadInputException(errors);
    }
}
