using ClipDistributed.Contracts.Models;
using ClipDistributed.Contracts.Runs;
using ClipDistributed.Data.Batches;
using ClipDistributed.Data.Images;
using ClipDistributed.Model;
using ClipDistributed.Training.Tensors;
using static TorchSharp.torch;

namespace ClipDistributed.Training.Evaluation;

/// <summary>A few images of a labelled source, chosen by the data alone: of as many classes as possible.</summary>
internal sealed class ProbeLabels
{
    // Far enough to meet many classes, little beside one evaluation.
    private const int MaxExamined = 2048;

    private readonly IReadOnlyList<byte[]> pixels; // RGB, [3, size, size] each

    private ProbeLabels(ProbeSource source, IReadOnlyList<byte[]> pixels) => (Source, this.pixels) = (source, pixels);

    public ProbeSource Source { get; }

    public static ProbeLabels Choose(LabelledImages source, IReadOnlyList<string> classes, int size)
    {
        var (first, others) = (new List<(byte[] Image, int Label)>(), new List<(byte[] Image, int Label)>());
        var met = new HashSet<int>();
        int examined = 0;
        foreach (var piece in source.Read())
        {
            for (int i = 0; i < piece.Labels.Length; i++)
            {
                var list = met.Add(piece.Labels[i]) ? first : others;
                if (list.Count < ProbeSet.MaxImages)
                    list.Add((piece.Images[i], piece.Labels[i]));
            }
            examined += piece.Labels.Length;
            if (examined >= MaxExamined || first.Count == ProbeSet.MaxImages)
                break;
        }
        var chosen = first.Concat(others).Take(ProbeSet.MaxImages).ToList();
        return new ProbeLabels(
            new ProbeSource(
                source.Name,
                [.. chosen.Select(one => classes[one.Label])],
                [.. chosen.Select(one => PlanesThumbnail.Png(one.Image, size))]),
            [.. chosen.Select(one => one.Image)]);
    }

    /// <param name="classifier">[D, classes].</param>
    /// <returns>Of each image the most probable classes.</returns>
    public IReadOnlyList<IReadOnlyList<ClassGuess>> Guess(
        ClipModel model, Tensor classifier, IReadOnlyList<string> classes, PreprocessConfig preprocess)
    {
        if (pixels.Count == 0)
            return [];
        using var mode = no_grad();
        using var scope = NewDisposeScope();
        int size = model.Config.VisionCfg.ImageSize;
        var images = PixelInput.Normalize(PixelInput.Stack(pixels, 0, pixels.Count, size, model.Parameters.Device), preprocess);
        int count = Math.Min(ProbeResult.MaxGuesses, classes.Count);
        var (best, at) = ZeroshotClassifier.Logits(model, images, classifier).softmax(1).topk(count);
        float[] probabilities = best.to(ScalarType.Float32).cpu().contiguous().data<float>().ToArray();
        long[] labels = at.cpu().contiguous().data<long>().ToArray();
        return
        [
            .. Enumerable.Range(0, pixels.Count).Select(row => (IReadOnlyList<ClassGuess>)
                [.. Enumerable.Range(row * count, count).Select(k => new ClassGuess(classes[(int)labels[k]], probabilities[k]))]),
        ];
    }
}
