using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Models;
using ClipDistributed.Contracts.Runs;
using ClipDistributed.Data.Batches;
using ClipDistributed.Data.Tokens;
using ClipDistributed.Model;
using ClipDistributed.Training.Tensors;
using TorchSharp;
using static TorchSharp.torch;

namespace ClipDistributed.Training.Evaluation;

/// <summary>Accuracy of a model that has never seen the classes' labels, on one or more labelled sources.</summary>
public sealed class ZeroshotEvaluation
{
    private const int Best = 5;

    private readonly IReadOnlyList<string> classes;
    private readonly int context;
    private readonly int[] promptIds;
    private readonly PreprocessConfig preprocess;

    private ZeroshotEvaluation(IReadOnlyList<string> classes, int context, int[] promptIds, PreprocessConfig preprocess) =>
        (this.classes, this.context, this.promptIds, this.preprocess) = (classes, context, promptIds, preprocess);

    /// <summary>Encodes the prompts of all classes.</summary>
    /// <param name="classes">Class names, in the order of the labels.</param>
    /// <param name="templates">Prompts with {} for the class name.</param>
    public static ZeroshotEvaluation Build(
        IReadOnlyList<string> classes, IReadOnlyList<string> templates, ClipTokenizer tokenizer, ModelFolderConfig config)
    {
        int context = config.ModelCfg.TextCfg.ContextLength;
        var prompts = ZeroshotClassifier.Prompts(classes, templates);
        int[] ids = new int[prompts.Count * context];
        for (int i = 0; i < prompts.Count; i++)
            tokenizer.Encode(prompts[i], ids.AsSpan(i * context, context));
        return new ZeroshotEvaluation(classes, context, ids, config.PreprocessCfg);
    }

    public int ClassCount => classes.Count;

    /// <summary>In the order of the labels.</summary>
    public IReadOnlyList<string> Classes => classes;

    /// <summary>The classifier of the model as it is now, [D, classes].</summary>
    /// <param name="entering">Receives the number of each piece that enters the model.</param>
    public Tensor Classifier(ClipModel model, Action<int>? entering = null) =>
        ZeroshotClassifier.Build(model, promptIds, context, classes.Count, entering);

    /// <summary>A few images of the source with what the model takes them for.</summary>
    public SourcePredictions Predict(ClipModel model, Tensor classifier, LabelledImages source) =>
        PredictionPicks.Run(model, classifier, classes, source, preprocess);

    /// <param name="entering">Receives the number of each piece that enters the model.</param>
    public ZeroshotScore Run(ClipModel model, Tensor classifier, LabelledImages source, Action<int>? entering = null)
    {
        using var scope = NewDisposeScope();
        long count = 0, damaged = 0, first = 0, fifth = 0;
        int pieces = 0;
        foreach (var piece in source.Read())
        {
            entering?.Invoke(pieces++);
            damaged += piece.Damaged;
            if (piece.Labels.Length == 0)
                continue;
            using var inner = NewDisposeScope();
            var device = model.Parameters.Device;
            var images = PixelInput.Normalize(
                PixelInput.Stack(piece.Images, 0, piece.Images.Count, model.Config.VisionCfg.ImageSize, device),
                preprocess
            );
            var labels = tensor(piece.Labels, ScalarType.Int64, device).unsqueeze(1);
            // [rows, 5]
            var hits = ZeroshotClassifier.Logits(model, images, classifier).topk(Math.Min(Best, classes.Count)).indexes.eq(labels);
            first += hits.narrow(1, 0, 1).sum().ToInt64();
            fifth += hits.sum().ToInt64();
            count += piece.Labels.Length;
        }
        if (count == 0)
            throw new BadInputException($"data.validation '{source.Name}' has no image that can be decoded.");
        return new ZeroshotScore((double)first / count, classes.Count > Best ? (double)fifth / count : null, count, damaged);
    }
}
