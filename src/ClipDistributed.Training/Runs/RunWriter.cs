using System.Diagnostics;
using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Records;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Contracts.Runs;
using ClipDistributed.Contracts.Spec;
using ClipDistributed.Data.Preparation;
using ClipDistributed.Training.Checkpoints;
using ClipDistributed.Training.Evaluation;
using ClipDistributed.Training.Logs;
using ClipDistributed.Training.States;
using static TorchSharp.torch;

namespace ClipDistributed.Training.Runs;

/// <summary>Of the replica of rank 0: it alone writes to the run directory, and evaluates the model.</summary>
internal sealed class RunWriter : IRunWriter
{
    private static readonly TimeSpan LastCheckpointTimeout = TimeSpan.FromMinutes(5);

    private readonly RunContext run;
    private readonly HeldOutEvaluation evaluation;
    private readonly TrainState trained;
    private readonly RunDirectoryLock writeLock;
    private readonly CheckpointStore store;
    private readonly CheckpointSchedule schedule;
    private readonly CheckpointWriter checkpoints;
    private readonly RunLog log;
    private readonly HashSet<long> evaluated;
    private readonly PredictionHistory predictions;
    private readonly Stopwatch watch = Stopwatch.StartNew();
    private readonly double secondsBefore;
    private readonly StepMetrics? unwritten; // the last step, where the replica that had to write it was lost
    private RunInfo state;

    /// <param name="lines">The end of the metrics file.</param>
    private RunWriter(
        WriterParts parts, RunDirectoryLock writeLock, RunInfo before, IReadOnlyList<RunRecord> lines, Action<RunRecord> report)
    {
        (run, evaluation, trained, schedule) = (parts.Run, parts.Evaluation, parts.Trained, parts.Schedule);
        this.writeLock = writeLock;
        predictions = new PredictionHistory(run.Directory);
        store = new CheckpointStore(run.Directory, run.Bucket, writeLock);
        secondsBefore = before.Seconds;
        state = before;
        log = new RunLog(run.Directory, trained.AppliedStep, report, writeLock, run.Host);
        checkpoints = new CheckpointWriter(store, parts.Copy, schedule, Record, LastCheckpointTimeout);
        evaluated = [.. lines.Select(line => line.Evaluation?.Step ?? line.Retrieval?.Step).OfType<long>()];
        long written = lines.Select(line => line.Step).OfType<StepMetrics>().LastOrDefault()?.Step ?? 0;
        unwritten = parts.Last is { } last && last.Step == trained.AppliedStep && written < last.Step ? last : null;
    }

    /// <summary>Takes the run directory and goes on with what it holds.</summary>
    /// <param name="restored">Where the state came from; null: from memory, so the attempt goes on.</param>
    /// <param name="claim">To the directory, of a coordinator's replica; null: of the only one.</param>
    /// <param name="report">Receives all that is recorded.</param>
    /// <exception cref="BadInputException">Another process writes to the directory.</exception>
    public static RunWriter Open(WriterParts parts, RestoredState? restored, WriterClaim? claim, Action<RunRecord> report)
    {
        var directory = parts.Run.Directory;
        // Several may have read a state for this generation, and the last one that did so holds the directory.
        var writeLock = restored is null ? RunDirectoryLock.Take(directory, RestoredState.LockTimeout, claim)
            : claim is null ? restored.Lock : restored.Lock.Renew(RestoredState.LockTimeout, claim);
        var stored = RunInfo.Load(directory.Info);
        var state = stored with
        {
            Parameters = parts.Trained.Model.Parameters.Count,
            MicroBatch = parts.MicroBatch,
            Threads = get_num_threads(),
            // None is recorded where the replica that began the first one was lost before it recorded it.
            Attempts = restored?.Attempts ?? (stored.Attempts.Count > 0 ? stored.Attempts : [new RunAttempt(1, 0, 0)]),
            Finished = false,
        };
        var lines = MetricsTail.Read(directory.Metrics, parts.Trained.AppliedStep).Lines;
        var writer = new RunWriter(parts, writeLock, state, lines, report);
        writer.RecordTakeover(restored?.Notices ?? []);
        return writer;
    }

    private void RecordTakeover(IReadOnlyList<string> notices)
    {
        if (schedule.IsBehind(store.NewestStep(state.Attempts), trained.AppliedStep))
            schedule.Defer(); // the replica that had to write it was lost, or had to abandon it
        try
        {
            SaveState(state);
            predictions.RemoveAfter(trained.AppliedStep);
        }
        catch (Exception failed) when (failed is IOException or UnauthorizedAccessException)
        {
            Record(
                NoticeRecord.Of(
                    trained.AppliedStep,
                    $"The run's state could not be written ({failed.Message}); the next checkpoint makes up for it."
                )
            );
        }
        foreach (string notice in notices)
            Record(NoticeRecord.Of(trained.AppliedStep, notice));
    }

    public void Begin(int replicas, string reason)
    {
        if (reason != "")
            Record(NoticeRecord.Of(trained.AppliedStep, reason));
        Record(new RunRecord
        {
            Started = new RunStarted
            {
                Attempt = state.Attempts[^1].Number,
                Step = trained.AppliedStep,
                Steps = run.Plan.Steps,
                Parameters = trained.Model.Parameters.Count,
                GlobalBatch = run.Plan.GlobalBatch,
                MicroBatch = state.MicroBatch,
                Threads = get_num_threads(),
                Replicas = replicas,
            },
        });
        // After the attempt that it belongs to, which the coordinator may not have yet.
        if (unwritten is not null)
            Record(new RunRecord { Step = unwritten });
    }

    public void End(bool finished)
    {
        writeLock.ThrowIfSuperseded();
        if (finished)
        {
            WriteForReport("similarities", () => evaluation.Compare(trained.Model, run.Plan.Steps).Save(run.Directory.Probe));
            WriteForReport("predictions", () => evaluation.Predict(trained.Model, run.Plan.Steps)?.Save(run.Directory.Predictions));
        }
        state = state with { Seconds = secondsBefore + watch.Elapsed.TotalSeconds, Finished = finished };
        state.Save(run.Directory.Info);
        Record(new RunRecord { Ended = new RunEnded { Step = trained.AppliedStep, Finished = finished, Seconds = state.Seconds } });
    }

    public void Record(RunRecord record) => log.Write(record);

    public void Report(RunRecord record) => Record(record);

    public void Evaluate(long step, Action<int> entering)
    {
        if (evaluation.IsEmpty || !evaluated.Add(step))
            return;
        try
        {
            evaluation.Run(trained.Model, step, entering, Record, Keep);
        }
        catch (Exception failed) when (failed is BadInputException or IOException or UnauthorizedAccessException)
        {
            Record(NoticeRecord.Of(step, $"The evaluation after step {step} failed: {failed.Message}"));
        }
    }

    private void Keep(ProbeSet set, ProbeResult result)
    {
        writeLock.ThrowIfSuperseded();
        predictions.Write(set, result);
    }

    /// <summary>The run is already saved: a failure here costs the report that section only.</summary>
    private void WriteForReport(string what, Action write)
    {
        try
        {
            write();
        }
        catch (Exception failed) when (failed is BadInputException or IOException or UnauthorizedAccessException)
        {
            Record(NoticeRecord.Of(run.Plan.Steps, $"The report will show no {what}: {failed.Message}"));
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
            schedule.Defer();
            return;
        }
        state = state with { Seconds = secondsBefore + watch.Elapsed.TotalSeconds };
        var saved = state;
        var position = new CheckpointState
        {
            Attempt = state.Attempts[^1].Number,
            Step = step,
            CleanStop = cleanStop,
            ManifestDigest = run.Prepared.Manifest.Digest,
            Plan = run.Plan,
            MicroBatch = state.MicroBatch,
            Spec = SpecWriter.Write(run.Spec),
        };
        checkpoints.Begin(
            new CheckpointJob(
                position,
                run.Config.PreprocessCfg,
                run.Directory.Tokenizer,
                state.Attempts,
                run.Spec.Checkpoint.Keep,
                Published: () => SaveState(saved)
            ),
            trained.Model,
            trained.Optimizer
        );
        if (cleanStop && checkpoints.Wait() is { } failed)
            throw new IOException(failed.Message, failed);
    }

    public void Dispose()
    {
        checkpoints.Dispose();
        SaveTime();
        log.Dispose();
        writeLock.Dispose();
    }

    private void SaveState(RunInfo saved)
    {
        writeLock.ThrowIfSuperseded();
        saved.Save(run.Directory.Info);
    }

    /// <summary>Of a generation that ended amid the run: the next one adds to it.</summary>
    private void SaveTime()
    {
        try
        {
            SaveState(state with { Seconds = secondsBefore + watch.Elapsed.TotalSeconds });
        }
        catch (Exception failed) when (failed is IOException or UnauthorizedAccessException)
        {
            log.Write(
                NoticeRecord.Of(
                    trained.AppliedStep,
                    $"The time of this generation could not be saved ({failed.Message}); the run's seconds will be too few."
                )
            );
        }
    }
}
