using System.Diagnostics;
using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Models;
using ClipDistributed.Contracts.Runs;
using ClipDistributed.Contracts.Spec;
using ClipDistributed.Contracts.Spec.V1;
using ClipDistributed.Data.Batches;
using ClipDistributed.Data.Images;
using ClipDistributed.Data.Manifests;
using ClipDistributed.Data.Preparation;
using ClipDistributed.Data.Samples;
using ClipDistributed.Data.Streams;
using ClipDistributed.Data.Tokens;
using ClipDistributed.Model;
using ClipDistributed.Model.Folders;
using ClipDistributed.Training.Checkpoints;
using ClipDistributed.Training.Evaluation;
using static TorchSharp.torch;

namespace ClipDistributed.Training;

/// <summary>Builds all that a prepared run directory describes, fresh or from its newest checkpoint, and trains it.</summary>
public sealed class TrainingRun : ITrainDuties, IDisposable
{
    private static readonly TimeSpan LockPatience = TimeSpan.FromSeconds(10);

    private readonly RunDirectory directory;
    private readonly RunDirectoryLock taken;
    private readonly TrainingSpec spec;
    private readonly DatasetManifest manifest;
    private readonly RunPlan plan;
    private readonly ModelFolderConfig config;
    private readonly ClipTokenizer tokenizer;
    private readonly ClipModel model;
    private readonly TrainStep trainStep;
    private readonly CheckpointStore checkpoints;
    private readonly RunLog log;
    private readonly ZeroshotEvaluation? zeroshot;
    private readonly LabelledImages[] validation;
    private readonly HashSet<long> evaluated;
    private readonly Stopwatch watch = Stopwatch.StartNew();
    private readonly double secondsBefore;
    private readonly long startStep;
    private RunState state;

    /// <exception cref="BadInputException">The directory does not hold a run that can be trained.</exception>
    public TrainingRun(RunDirectory directory, Action<ReplicaMessage> tell)
    {
        this.directory = directory;
        taken = RunDirectoryLock.Take(directory, LockPatience);
        spec = SpecReader.ReadFile(directory.Spec, []);
        manifest = DatasetManifest.Load(directory.Manifest);
        plan = RunPlan.Resolve(spec, manifest);
        state = RunState.Load(directory.State);
        tokenizer = ClipTokenizer.Load(directory.Tokenizer);
        config = ModelFolderConfig.ReadFile(directory.Model);

        int microBatch = state.MicroBatch > 0 ? state.MicroBatch : MicroBatchSize();
        model = new ClipModel(config.ModelCfg, CPU, spec.Precision == Precision.Bfloat16 ? ScalarType.BFloat16 : ScalarType.Float32);
        trainStep = new TrainStep(spec, plan.Steps, microBatch, model, config.PreprocessCfg);
        checkpoints = new CheckpointStore(directory);
        var transform = new EvaluationTransform(config.ModelCfg.VisionCfg.ImageSize);
        if (spec.Evaluate.Zeroshot is { } files)
        {
            var classes = PromptFile.Read(files.Classes, "evaluate.zeroshot.classes");
            zeroshot = new ZeroshotEvaluation(classes, PromptFile.Read(files.Templates, "evaluate.zeroshot.templates"), tokenizer, config.ModelCfg.TextCfg.ContextLength, config.PreprocessCfg);
            validation = [.. spec.Data.Validation.Select(source => new LabelledImages(source, classes, transform, (long)spec.Limits.MaxImagePixels))];
        }
        else
        {
            validation = [];
        }

        // From here on the directory holds a run: what the input alone can get wrong has been found.
        (startStep, var attempts, var notices) = Restore();
        log = new RunLog(directory, startStep, tell);
        evaluated = [.. File.ReadLines(directory.Metrics).Select(ReplicaMessage.TryParse).OfType<EvaluationMetrics>().Select(evaluation => evaluation.Step)];
        secondsBefore = state.Seconds;
        state = state with { Parameters = model.Parameters.Count, MicroBatch = microBatch, Threads = get_num_threads(), Attempts = attempts, Finished = false };
        state.Save(directory.State);
        foreach (string notice in notices)
            log.Write(new RunNotice(startStep, notice));
    }

    /// <summary>Trains to the end, or until asked to stop.</summary>
    /// <returns>True: all steps are done.</returns>
    public bool Run(CancellationToken stop)
    {
        log.Write(new RunStarted(state.Attempts[^1].Number, startStep, plan.Steps, model.Parameters.Count, plan.GlobalBatch, state.MicroBatch, get_num_threads()));
        long applied = Train(stop);
        bool finished = applied == plan.Steps;
        if (finished)
            ProbeBatch.Run(model, spec, tokenizer, config.PreprocessCfg, plan.Steps).Save(directory.Probe);
        state = state with { Seconds = secondsBefore + watch.Elapsed.TotalSeconds, Finished = finished };
        state.Save(directory.State);
        log.Write(new RunEnded(applied, finished, state.Seconds));
        return finished;
    }

    public void Evaluate(long step)
    {
        if (zeroshot is null || !evaluated.Add(step))
            return;
        try
        {
            using var scope = NewDisposeScope();
            var classifier = zeroshot.Classifier(model);
            foreach (var source in validation)
            {
                var score = zeroshot.Run(model, classifier, source);
                log.Write(new EvaluationMetrics(step, step * plan.GlobalBatch, source.Name, score.Top1, score.Top5, score.Count, score.Damaged));
            }
        }
        catch (Exception failed) when (failed is BadInputException or IOException)
        {
            log.Write(new RunNotice(step, $"The evaluation after step {step} failed: {failed.Message}"));
        }
    }

    public bool SaveCheckpoint(long step, bool cleanStop)
    {
        long start = Stopwatch.GetTimestamp();
        int attempt = state.Attempts[^1].Number;
        var taken = new CheckpointState
        {
            Attempt = attempt,
            Step = step,
            CleanStop = cleanStop,
            ManifestDigest = manifest.Digest,
            Plan = plan,
            MicroBatch = state.MicroBatch,
            Spec = SpecWriter.Write(spec),
        };
        try
        {
            string folder = checkpoints.Save(taken, model, trainStep.Optimizer, config.PreprocessCfg, directory.Tokenizer);
            checkpoints.Prune(state.Attempts, spec.Checkpoint.Keep);
            state = state with { Seconds = secondsBefore + watch.Elapsed.TotalSeconds };
            state.Save(directory.State);
            log.Write(new CheckpointSaved(step, folder, Stopwatch.GetElapsedTime(start).TotalSeconds));
            return true;
        }
        catch (Exception failed) when (!cleanStop && failed is IOException or UnauthorizedAccessException)
        {
            log.Write(new RunNotice(step, $"The checkpoint of step {step} could not be written ({failed.Message}); training goes on and tries again soon, the last good one is kept."));
            return false;
        }
    }

    public void Dispose()
    {
        log.Dispose();
        trainStep.Dispose();
        model.Dispose();
        taken.Dispose();
    }

    private long Train(CancellationToken stop)
    {
        var order = RunPlan.Order(spec, manifest);
        var damage = new DamageReport(manifest, log);
        var reader = new SampleReader(manifest, order, (long)spec.Limits.ReadAheadBytes, damage.Add);
        try
        {
            using var batches = Batches(reader, order, damage);
            long applied = new TrainLoop(spec, plan, trainStep, batches, log, this).Run(startStep, stop);
            damage.Close(applied);
            return applied;
        }
        finally
        {
            reader.DisposeAsync().AsTask().GetAwaiter().GetResult();
        }
    }

    private BatchSource Batches(SampleReader reader, StreamOrder order, DamageReport damage)
    {
        var crop = spec.Augment.RandomResizedCrop;
        var transform = new TrainingTransform(config.ModelCfg.VisionCfg.ImageSize, crop[0], crop[1], spec.Augment.Flip);
        var encoder = new SampleEncoder(reader, order, spec.Seed, transform, tokenizer, config.ModelCfg.TextCfg.ContextLength, (long)spec.Limits.MaxImagePixels, damage.Add);
        return new BatchSource(reader, encoder, new SlotRange(0, plan.GlobalBatch), startStep + 1, plan.Steps, Environment.ProcessorCount, (long)spec.Limits.ReadAheadBytes);
    }

    /// <summary>`auto` is min(share, 256).</summary>
    private int MicroBatchSize() => Math.Min(plan.GlobalBatch, spec.Batch.HasMicro ? (int)spec.Batch.Micro : 256);

    /// <summary>Fills the model: from the newest checkpoint that verifies, else from the spec's folder, else from the seed.</summary>
    private (long Step, IReadOnlyList<RunAttempt> Attempts, IReadOnlyList<string> Notices) Restore()
    {
        var found = checkpoints.FindNewest(state.Attempts, out var damage);
        if (found is null && damage.Count > 0)
            throw new BadInputException([.. damage, $"No checkpoint in {directory.Checkpoints} verifies; restore one of them, or start a new run in another run_directory."]);
        if (found is null)
        {
            model.Parameters.Initialize(spec.Seed);
            if (spec.Model.InitFrom != "")
                ModelFolder.ReadWeights(spec.Model.InitFrom, model.Parameters);
            return (0, [.. state.Attempts, new RunAttempt(state.Attempts.Count + 1, 0, 0)], []);
        }
        if (found.State.ManifestDigest != manifest.Digest)
            throw new BadInputException($"{found.Folder} was taken with other training data; restore the shards, or start a new run.");
        CheckpointStore.Load(found, model, trainStep.Optimizer);
        // A clean stop left nothing behind it, so the same line of steps goes on; anything else begins a new one.
        bool sameAttempt = found.State.CleanStop && found.State.Attempt == state.Attempts[^1].Number && damage.Count == 0 && LastStepInMetrics() <= found.State.Step;
        return (found.State.Step,
            sameAttempt ? state.Attempts : [.. state.Attempts, new RunAttempt(state.Attempts.Count + 1, found.State.Attempt, found.State.Step)],
            [.. damage.Select(problem => $"{problem} The one of step {found.State.Step} is used."), .. ThreadsNotice()]);
    }

    private IEnumerable<string> ThreadsNotice()
    {
        if (state.Threads != get_num_threads())
            yield return $"This run used {state.Threads} threads so far and {get_num_threads()} from here on: sums are rounded otherwise, so losses will agree to about 1e-6 instead of bit for bit.";
    }

    private long LastStepInMetrics() =>
        File.Exists(directory.Metrics) ? File.ReadLines(directory.Metrics).Select(ReplicaMessage.TryParse).OfType<StepMetrics>().LastOrDefault()?.Step ?? 0 : 0;
}
