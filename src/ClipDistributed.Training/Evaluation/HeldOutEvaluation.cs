using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Models;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Contracts.Runs;
using ClipDistributed.Data.Batches;
using ClipDistributed.Data.Images;
using ClipDistributed.Data.Preparation;
using ClipDistributed.Data.Tokens;
using ClipDistributed.Model;
using static TorchSharp.torch;

namespace ClipDistributed.Training.Evaluation;

/// <summary>A run's evaluations on held-out data: zero-shot classification, and retrieval.</summary>
internal sealed class HeldOutEvaluation
{
    private readonly ZeroshotEvaluation? zeroshot; // null: the spec has no classes
    private readonly IReadOnlyList<LabelledImages> labelled;
    private readonly IReadOnlyList<RetrievalEvaluation> retrieval;
    private readonly int globalBatch;
    private readonly Lazy<ProbePairs> pairs;
    private readonly Lazy<ProbeImages> probe;

    private HeldOutEvaluation(
        ZeroshotEvaluation? zeroshot,
        IReadOnlyList<LabelledImages> labelled,
        IReadOnlyList<RetrievalEvaluation> retrieval,
        int globalBatch,
        Func<ProbePairs> pairs,
        ModelFolderConfig config)
    {
        (this.zeroshot, this.labelled, this.retrieval) = (zeroshot, labelled, retrieval);
        this.globalBatch = globalBatch;
        this.pairs = new(pairs, LazyThreadSafetyMode.PublicationOnly); // where it fails, the next evaluation tries again
        probe = new(
            () => ProbeImages.Choose(this.pairs.Value, labelled, zeroshot?.Classes ?? [], config), LazyThreadSafetyMode.PublicationOnly);
    }

    /// <exception cref="BadInputException">A validation source, the classes or the templates cannot be used.</exception>
    public static HeldOutEvaluation Open(PreparedRun run, ModelFolderConfig config, ClipTokenizer tokenizer)
    {
        var spec = run.Spec;
        long maxPixels = (long)spec.Limits.MaxImagePixels;
        var retrieval = RetrievalEvaluation.Of(
            spec.Data.Validation, (int)spec.Evaluate.Retrieval.Pairs, config, tokenizer, maxPixels);
        ProbePairs Pairs() => ProbePairs.Choose(spec, run.Manifest, config, tokenizer);
        if (spec.Evaluate.Zeroshot is not { } files)
            return new HeldOutEvaluation(null, [], retrieval, run.Plan.GlobalBatch, Pairs, config);
        var classes = PromptFile.Read(files.Classes, "evaluate.zeroshot.classes");
        var templates = PromptTemplates.Read(files.Templates, "evaluate.zeroshot.templates");
        var zeroshot = ZeroshotEvaluation.Build(classes, templates, tokenizer, config);
        var transform = EvaluationTransform.Of(config);
        return new HeldOutEvaluation(
            zeroshot,
            [.. spec.Data.Validation.Select(source => LabelledImages.Open(source, classes, transform, maxPixels))],
            retrieval,
            run.Plan.GlobalBatch,
            Pairs,
            config);
    }

    /// <summary>There is nothing to evaluate.</summary>
    public bool IsEmpty => zeroshot is null && retrieval.Count == 0;

    /// <summary>Of images that stay in memory between evaluations.</summary>
    public long KeptBytes => labelled.Sum(images => images.KeptBytes) + retrieval.Sum(pairs => pairs.KeptBytes);

    /// <param name="entering">Receives the number of each piece that enters the model.</param>
    /// <param name="record">Receives the result of each source.</param>
    /// <param name="examples">Receives what the model makes of a few fixed images and captions, at the end.</param>
    /// <exception cref="BadInputException">A source cannot be used.</exception>
    /// <exception cref="IOException">A shard cannot be read.</exception>
    public void Run(
        ClipModel model, long step, Action<int> entering, Action<RunRecord> record, Action<ProbeSet, ProbeResult>? examples = null)
    {
        using var scope = NewDisposeScope();
        long samples = step * globalBatch;
        var classifier = zeroshot?.Classifier(model, entering);
        foreach (var source in labelled)
        {
            var score = zeroshot!.Run(model, classifier!, source, entering);
            record(new RunRecord { Evaluation = score.ToMetrics(source.Name, zeroshot.ClassCount, step, samples) });
        }
        foreach (var pairs in retrieval)
            record(new RunRecord { Retrieval = pairs.Run(model, step, samples, entering) });
        if (examples is null)
            return;
        examples(probe.Value.Set, probe.Value.Run(model, classifier, step, entering));
    }

    /// <summary>A few pairs, and how alike the model finds them.</summary>
    /// <exception cref="BadInputException">There is no pair.</exception>
    public SimilarityProbe Compare(ClipModel model, long step) =>
        new(step, pairs.Value.Captions, pairs.Value.ImagesPng, pairs.Value.Similarity(model));

    /// <summary>A few images of each labelled source with the model's predictions; null: the spec has no classes.</summary>
    public PredictionSample? Predict(ClipModel model, long step)
    {
        if (zeroshot is null)
            return null;
        using var scope = NewDisposeScope();
        var classifier = zeroshot.Classifier(model);
        return new PredictionSample(step, [.. labelled.Select(source => zeroshot.Predict(model, classifier, source))]);
    }
}
