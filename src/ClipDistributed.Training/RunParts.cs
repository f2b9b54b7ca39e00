using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Models;
using ClipDistributed.Contracts.Runs;
using ClipDistributed.Contracts.Spec;
using ClipDistributed.Contracts.Spec.V1;
using ClipDistributed.Data.Batches;
using ClipDistributed.Data.Checkpoints;
using ClipDistributed.Data.Images;
using ClipDistributed.Data.Manifests;
using ClipDistributed.Data.Preparation;
using ClipDistributed.Data.Samples;
using ClipDistributed.Data.Streams;
using ClipDistributed.Data.Tokens;
using ClipDistributed.Training.Evaluation;

namespace ClipDistributed.Training;

/// <summary>What a prepared run directory says, read and checked: all of a run that is no tensor.</summary>
internal sealed class RunParts
{
    /// <exception cref="BadInputException">The directory does not hold a run, or its data cannot be seen from here.</exception>
    public RunParts(RunDirectory directory)
    {
        Directory = directory;
        if (!File.Exists(directory.Spec))
            throw new BadInputException($"{directory.Spec} cannot be read here; every host must see the run directory under this path.");
        Spec = SpecReader.ReadFile(directory.Spec, []);
        Manifest = DatasetManifest.Load(directory.Manifest);
        if (Manifest.Shards.FirstOrDefault(shard => !File.Exists(shard.Path)) is { } missing)
            throw new BadInputException($"{missing.Path} cannot be read here; every host must see every shard under the path that the coordinator sees.");
        Plan = RunPlan.Resolve(Spec, Manifest);
        Tokenizer = ClipTokenizer.Load(directory.Tokenizer);
        Config = ModelFolderConfig.ReadFile(directory.Model);
        var state = RunState.Load(directory.State);
        MicroBatch = state.MicroBatch;
        Bucket = S3Checkpoints.Open(Spec.Checkpoint.Location, state.Id);
        Bucket?.Check(mustAnswer: state.Attempts.Count == 0); // nobody shall train for hours towards a place that was never there
        Retrieval = RetrievalEvaluation.Of(Spec.Data.Validation, (int)Spec.Evaluate.Retrieval.Pairs, Config, Tokenizer, (long)Spec.Limits.MaxImagePixels);
        if (Spec.Evaluate.Zeroshot is not { } files)
            return;
        var classes = PromptFile.Read(files.Classes, "evaluate.zeroshot.classes");
        var transform = EvaluationTransform.Of(Config);
        Zeroshot = new ZeroshotEvaluation(classes, PromptTemplates.Read(files.Templates, "evaluate.zeroshot.templates"), Tokenizer, Config.ModelCfg.TextCfg.ContextLength, Config.PreprocessCfg);
        Validation = [.. Spec.Data.Validation.Select(source => new LabelledImages(source, classes, transform, (long)Spec.Limits.MaxImagePixels))];
    }

    /// <summary>What turns this run's stored samples into what the towers see.</summary>
    /// <param name="damaged">Is told of each row whose image does not decode, on any thread.</param>
    public SampleEncoder Encoder(SampleReader reader, StreamOrder order, Action<DamagedRow> damaged)
    {
        var crop = Spec.Augment.RandomResizedCrop;
        var transform = new TrainingTransform(Config.ModelCfg.VisionCfg.ImageSize, crop[0], crop[1], Spec.Augment.Flip);
        return new SampleEncoder(reader, order, Spec.Seed, transform, Tokenizer, Config.ModelCfg.TextCfg.ContextLength, (long)Spec.Limits.MaxImagePixels, damaged);
    }

    public RunDirectory Directory { get; }

    /// <summary>That this replica runs on, as the coordinator names it; null: none leads it.</summary>
    public string? Host { get; init; }

    public TrainingSpec Spec { get; }

    public DatasetManifest Manifest { get; }

    public RunPlan Plan { get; }

    public ClipTokenizer Tokenizer { get; }

    public ModelFolderConfig Config { get; }

    /// <summary>Where checkpoints are kept in S3; null: the run directory keeps them.</summary>
    public S3Checkpoints? Bucket { get; }

    /// <summary>Rows that pass through the towers at once; 0: this run has not settled it yet. See <see cref="MicroBatchSize"/>.</summary>
    public int MicroBatch { get; set; }

    /// <summary>Of each validation source with captions; none where the spec switches it off.</summary>
    public IReadOnlyList<RetrievalEvaluation> Retrieval { get; }

    /// <summary>Null: nothing is classified.</summary>
    public ZeroshotEvaluation? Zeroshot { get; }

    public IReadOnlyList<LabelledImages> Validation { get; } = [];
}
