using System.Diagnostics;
using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Runs;
using ClipDistributed.Contracts.Spec;
using ClipDistributed.Data.Preparation;
using ClipDistributed.Training.Checkpoints;
using ClipDistributed.Training.Evaluation;
using static TorchSharp.torch;

namespace ClipDistributed.Training;

/// <summary>What the replica of rank 0 does for all: it alone writes to the run directory, and measures the model.</summary>
internal sealed class RunWriter : ITrainDuties, IDisposable
{
    private static readonly TimeSpan LastCheckpointPatience = TimeSpan.FromMinutes(5);

    private readonly RunParts run;
    private readonly TrainState trained;
    private readonly RunDirectoryLock taken;
    private readonly CheckpointStore store;
    private readonly CheckpointSchedule schedule;
    private readonly CheckpointWriter checkpoints;
    private readonly RunLog log;
    private readonly HashSet<long> evaluated;
    private readonly Stopwatch watch = Stopwatch.StartNew();
    private readonly double secondsBefore;
    private readonly StepMetrics? unwritten; // the last step, where whoever was to write it was lost
    private RunState state;

    /// <param name="restored">Where the state came from; null: from memory, so the attempt goes on.</param>
    /// <param name="last">The last step that this replica applied; null: none yet.</param>
    /// <param name="copy">What checkpoints are written from.</param>
    /// <param name="claim">To the directory, of a coordinator's replica; null: of the only one.</param>
    /// <exception cref="BadInputException">Another process writes to the directory.</exception>
    public RunWriter(RunParts run, TrainState trained, StateCopy copy, CheckpointSchedule schedule, RestoredState? restored, StepMetrics? last, Action<ReplicaMessage> tell, WriterClaim? claim)
    {
        this.run = run;
        this.trained = trained;
        this.schedule = schedule;
        // Several may have read a state for this generation, and whoever did so last holds the directory.
        taken = restored is null ? RunDirectoryLock.Take(run.Directory, RestoredState.LockPatience, claim)
            : claim is null ? restored.Lock : restored.Lock.Renew(RestoredState.LockPatience, claim);
        store = new CheckpointStore(run.Directory, run.Bucket, taken);
        state = RunState.Load(run.Directory.State);
        secondsBefore = state.Seconds;
        state = state with
        {
            Parameters = trained.Model.Parameters.Count,
            MicroBatch = run.MicroBatch,
            Threads = get_num_threads(),
            // None is written down where whoever began the first one was lost before it had.
            Attempts = restored?.Attempts ?? (state.Attempts.Count > 0 ? state.Attempts : [new RunAttempt(1, 0, 0)]),
            Finished = false,
        };
        log = new RunLog(run.Directory, trained.AppliedStep, tell, taken, run.Host);
        checkpoints = new CheckpointWriter(store, copy, schedule, Record, LastCheckpointPatience);
        if (schedule.IsBehind(store.NewestStep(state.Attempts), trained.AppliedStep))
            schedule.Owe(); // whoever was to write it was lost, or had to abandon it
        var lines = MetricsTail.Read(run.Directory.Metrics, trained.AppliedStep).Lines;
        evaluated = [.. lines.Select(line => (line as EvaluationMetrics)?.Step ?? (line as RetrievalMetrics)?.Step).OfType<long>()];
        if (last?.Step == trained.AppliedStep && (lines.OfType<StepMetrics>().LastOrDefault()?.Step ?? 0) < last.Step)
            unwritten = last;
        try
        {
            SaveState(state);
        }
        catch (Exception failed) when (failed is IOException or UnauthorizedAccessException)
        {
            Record(new RunNotice(trained.AppliedStep, $"The run's state could not be written ({failed.Message}); the next checkpoint makes up for it."));
        }
        foreach (string notice in restored?.Notices ?? [])
            Record(new RunNotice(trained.AppliedStep, notice));
    }

    /// <param name="replicas">W of the generation that begins.</param>
    /// <param name="reason">Why it begins; empty for the first.</param>
    public void Begin(int replicas, string reason)
    {
        if (reason != "")
            Record(new RunNotice(trained.AppliedStep, reason));
        Record(new RunStarted(state.Attempts[^1].Number, trained.AppliedStep, run.Plan.Steps, trained.Model.Parameters.Count,
            run.Plan.GlobalBatch, run.MicroBatch, get_num_threads(), replicas));
        // Behind the attempt that it belongs to: of that the coordinator may not have heard yet.
        if (unwritten is not null)
            Record(unwritten);
    }

    /// <summary>After the last step, or the one that the run was stopped at.</summary>
    public void End(bool finished)
    {
        taken.ThrowIfSuperseded();
        if (finished)
        {
            WriteForReport("similarities", () => ProbeBatch.Run(trained.Model, run.Spec, run.Tokenizer, run.Config.PreprocessCfg, run.Plan.Steps).Save(run.Directory.Probe));
            if (run.Zeroshot is not null)
                WriteForReport("predictions", () => WritePredictions(run.Zeroshot));
        }
        state = state with { Seconds = secondsBefore + watch.Elapsed.TotalSeconds, Finished = finished };
        state.Save(run.Directory.State);
        Record(new RunEnded(trained.AppliedStep, finished, state.Seconds));
    }

    public void Record(ReplicaMessage message) => log.Write(message);

    public void Evaluate(long step, Action<int> entering)
    {
        if ((run.Zeroshot is null && run.Retrieval.Count == 0) || !evaluated.Add(step))
            return;
        try
        {
            using var scope = NewDisposeScope();
            var classifier = run.Zeroshot?.Classifier(trained.Model, entering);
            foreach (var source in run.Validation)
            {
                var score = run.Zeroshot!.Run(trained.Model, classifier!, source, entering);
                Record(new EvaluationMetrics(step, step * run.Plan.GlobalBatch, source.Name, score.Top1, score.Top5, score.Count, score.Damaged));
            }
            foreach (var retrieval in run.Retrieval)
                Record(retrieval.Run(trained.Model, step, step * run.Plan.GlobalBatch, entering));
        }
        catch (Exception failed) when (failed is BadInputException or IOException)
        {
            Record(new RunNotice(step, $"The evaluation after step {step} failed: {failed.Message}"));
        }
    }

    private void WritePredictions(ZeroshotEvaluation zeroshot)
    {
        using var scope = NewDisposeScope();
        var classifier = zeroshot.Classifier(trained.Model);
        new PredictionSample(run.Plan.Steps, [.. run.Validation.Select(source => zeroshot.Predict(trained.Model, classifier, source))]).Save(run.Directory.Predictions);
    }

    /// <summary>The run is saved by then, so what fails here costs the report that section.</summary>
    private void WriteForReport(string what, Action write)
    {
        try
        {
            write();
        }
        catch (Exception failed) when (failed is BadInputException or IOException or UnauthorizedAccessException)
        {
            Record(new RunNotice(run.Plan.Steps, $"The report will show no {what}: {failed.Message}"));
        }
    }

    public bool HasCheckpoint(long step) => store.Has(state.Attempts[^1].Number, step);

    public bool IsCheckpointDue(long step) => schedule.IsDue(step);

    public void SaveCheckpoint(long step, bool cleanStop)
    {
        if (cleanStop)
            checkpoints.Wait();
        if (checkpoints.IsBusy)
        {
            schedule.Owe();
            return;
        }
        state = state with { Seconds = secondsBefore + watch.Elapsed.TotalSeconds };
        var told = state;
        var position = new CheckpointState
        {
            Attempt = state.Attempts[^1].Number,
            Step = step,
            CleanStop = cleanStop,
            ManifestDigest = run.Manifest.Digest,
            Plan = run.Plan,
            MicroBatch = run.MicroBatch,
            Spec = SpecWriter.Write(run.Spec),
        };
        checkpoints.Begin(new CheckpointJob(position, run.Config.PreprocessCfg, run.Directory.Tokenizer, state.Attempts, run.Spec.Checkpoint.Keep,
            Published: () => SaveState(told)), trained.Model, trained.Optimizer);
        if (cleanStop && checkpoints.Wait() is { } failed)
            throw new IOException(failed.Message, failed);
    }

    public void Dispose()
    {
        checkpoints.Dispose();
        SaveTime();
        log.Dispose();
        taken.Dispose();
    }

    private void SaveState(RunState told)
    {
        taken.ThrowIfSuperseded();
        told.Save(run.Directory.State);
    }

    /// <summary>For a generation that ended amid the run: the next one counts on.</summary>
    private void SaveTime()
    {
        try
        {
            SaveState(state with { Seconds = secondsBefore + watch.Elapsed.TotalSeconds });
        }
        catch (Exception failed) when (failed is IOException or UnauthorizedAccessException)
        {
            log.Write(new RunNotice(trained.AppliedStep, $"The time of this generation could not be saved ({failed.Message}); the run's seconds will be too few."));
        }
    }
}
