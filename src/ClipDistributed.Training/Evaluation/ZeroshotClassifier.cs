using ClipDistributed.Model;
using ClipDistributed.Model.Towers;
using static TorchSharp.torch;

namespace ClipDistributed.Training.Evaluation;

/// <summary>Zero-shot classification by prompt ensembles (arXiv 2103.00020, section 3.1.4; OpenCLIP zero_shot_classifier.py).</summary>
public static class ZeroshotClassifier
{
    /// <summary>The prompts of all classes: class by class, each in every template.</summary>
    public static IReadOnlyList<string> Prompts(IReadOnlyList<string> classes, IReadOnlyList<string> templates) =>
        [.. from name in classes from template in templates select template.Replace("{}", name, StringComparison.Ordinal)];

    /// <summary>One unit vector a class: each prompt normalised, averaged over the templates, normalised again.</summary>
    /// <param name="ids">Token ids of <see cref="Prompts"/>, [classes · templates, context].</param>
    /// <param name="entering">Receives the number of each piece that enters the model.</param>
    /// <returns>[D, classes].</returns>
    public static Tensor Build(ClipModel model, int[] ids, int context, int classes, Action<int>? entering = null)
    {
        using var mode = no_grad();
        using var scope = NewDisposeScope();
        var pieces = new List<Tensor>();
        for (int start = 0; start < ids.Length; start += Features.TextsAtOnce * context)
        {
            entering?.Invoke(pieces.Count);
            var piece = ids.AsSpan(start, Math.Min(Features.TextsAtOnce * context, ids.Length - start));
            var texts = TextInput.From(piece, model.Config.TextCfg, model.Parameters.Device);
            pieces.Add(ClipModel.Normalize(model.Texts.Forward(texts)));
        }
        var mean = cat(pieces).view(classes, -1, model.Config.EmbedDim).mean([1]); // [classes, D]
        return ClipModel.Normalize(mean).t().contiguous().MoveToOuterDisposeScope();
    }

    /// <summary>exp(logit_scale)·I·classifier for normalised images, [b, classes].</summary>
    public static Tensor Logits(ClipModel model, Tensor images, Tensor classifier)
    {
        using var mode = no_grad();
        using var scope = NewDisposeScope();
        return (model.LogitScale.exp() * ClipModel.Normalize(model.Images.Forward(images)).matmul(classifier)).MoveToOuterDisposeScope();
    }
}
