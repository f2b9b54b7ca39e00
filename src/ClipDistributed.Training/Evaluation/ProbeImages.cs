using ClipDistributed.Contracts.Models;
using ClipDistributed.Contracts.Runs;
using ClipDistributed.Data.Batches;
using ClipDistributed.Model;
using static TorchSharp.torch;

namespace ClipDistributed.Training.Evaluation;

/// <summary>The pairs and labelled images that the model is shown after each evaluation; at most 82 images, which stay in
/// memory.</summary>
/// <param name="classes">Names in the order of the labels; none: there are no labelled sources.</param>
internal sealed class ProbeImages(
    ProbePairs pairs, IReadOnlyList<ProbeLabels> labelled, IReadOnlyList<string> classes, PreprocessConfig preprocess)
{
    public ProbeSet Set { get; } = new(pairs.Captions, pairs.ImagesPng, [.. labelled.Select(labels => labels.Source)]);

    public static ProbeImages Choose(
        ProbePairs pairs, IReadOnlyList<LabelledImages> sources, IReadOnlyList<string> classes, ModelFolderConfig config)
    {
        int size = config.ModelCfg.VisionCfg.ImageSize;
        var labelled = sources.Take(ProbeSet.MaxSources).Select(source => ProbeLabels.Choose(source, classes, size));
        return new ProbeImages(pairs, [.. labelled], classes, config.PreprocessCfg);
    }

    /// <param name="classifier">[D, classes]; null: there are no labelled sources.</param>
    /// <param name="entering">Receives the number of each piece that enters the model.</param>
    public ProbeResult Run(ClipModel model, Tensor? classifier, long step, Action<int> entering)
    {
        entering(0);
        var similarity = pairs.Similarity(model);
        var guesses = new List<IReadOnlyList<IReadOnlyList<ClassGuess>>>();
        foreach (var labels in labelled)
        {
            entering(1 + guesses.Count);
            guesses.Add(labels.Guess(model, classifier!, classes, preprocess));
        }
        return new ProbeResult(step, similarity, guesses);
    }
}
