using ClipDistributed.Contracts.Models;
using ClipDistributed.Contracts.Runs;
using ClipDistributed.Data.Batches;
using ClipDistributed.Model;
using ClipDistributed.Training.Tensors;
using static TorchSharp.torch;

namespace ClipDistributed.Training.Evaluation;

/// <summary>Chooses a few images of a labelled source that the model takes for what they are, and a few that it does not, for the
/// report.</summary>
internal sealed class PredictionPicks
{
    private const int Shown = 6, Guesses = 3;

    // Enough to find errors of a good model, little beside one evaluation.
    private const int MaxExamined = 2048;

    private readonly List<Prediction> first = []; // of classes that were not met before
    private readonly List<Prediction> others = [];

    /// <param name="classes">Names in the order of the labels.</param>
    /// <param name="classifier">[D, classes].</param>
    public static SourcePredictions Run(
        ClipModel model,
        Tensor classifier,
        IReadOnlyList<string> classes,
        LabelledImages source,
        PreprocessConfig preprocess
    )
    {
        var (correct, wrong) = (new PredictionPicks(), new PredictionPicks());
        int examined = 0;
        foreach (var piece in source.Read().Where(piece => piece.Labels.Length > 0))
        {
            using var mode = no_grad();
            using var scope = NewDisposeScope();
            int size = model.Config.VisionCfg.ImageSize;
            var images = PixelInput.Normalize(
                PixelInput.Stack(piece.Images, 0, piece.Images.Count, size, model.Parameters.Device),
                preprocess
            );
            var (best, at) = ZeroshotClassifier.Logits(model, images, classifier).softmax(1).topk(Math.Min(Guesses, classes.Count));
            float[] probabilities = best.cpu().contiguous().data<float>().ToArray();
            long[] labels = at.cpu().contiguous().data<long>().ToArray();
            int each = probabilities.Length / piece.Labels.Length;
            for (int i = 0; i < piece.Labels.Length; i++)
            {
                var picks = labels[i * each] == piece.Labels[i] ? correct : wrong;
                int row = i;
                picks.Offer(classes[piece.Labels[i]], () => new Prediction(
                    PlanesThumbnail.Png(piece.Images[row], size),
                    classes[piece.Labels[row]],
                    [.. Enumerable.Range(row * each, each).Select(k => new ClassGuess(classes[(int)labels[k]], probabilities[k]))]));
            }
            examined += piece.Labels.Length;
            if (examined >= MaxExamined)
                break;
        }
        return new SourcePredictions(source.Name, examined, correct.Chosen, wrong.Chosen);
    }

    private IReadOnlyList<Prediction> Chosen => [.. first.Concat(others).Take(Shown)];

    private void Offer(string label, Func<Prediction> make)
    {
        if (first.Count < Shown && first.All(known => known.Label != label))
            first.Add(make());
        else if (others.Count < Shown && first.Count < Shown)
            others.Add(make());
    }
}
