using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Models;
using ClipDistributed.Contracts.Runs;
using ClipDistributed.Contracts.Spec.V1;
using ClipDistributed.Data.Images;
using ClipDistributed.Data.Manifests;
using ClipDistributed.Data.Blocks;
using ClipDistributed.Data.Shards;
using ClipDistributed.Data.Tokens;
using ClipDistributed.Model;
using ClipDistributed.Model.Towers;
using ClipDistributed.Training.Tensors;
using static TorchSharp.torch;

namespace ClipDistributed.Training.Evaluation;

/// <summary>Chooses a few pairs and compares them, for the report to draw.</summary>
internal static class ProbeBatch
{
    private const int Pairs = 10;
    private const int ThumbnailSize = 96;

    /// <summary>Pairs of the first validation source, or of the training data where that has none; no caption twice.</summary>
    public static SimilarityProbe Run(ClipModel model, TrainingSpec spec, ClipTokenizer tokenizer, PreprocessConfig preprocess, long step)
    {
        var pairs = Choose(spec);
        int size = model.Config.VisionCfg.ImageSize, context = model.Config.TextCfg.ContextLength;
        byte[] pixels = new byte[pairs.Count * 3 * size * size];
        int[] ids = new int[pairs.Count * context];
        var transform = EvaluationTransform.Of(new ModelFolderConfig { ModelCfg = model.Config, PreprocessCfg = preprocess });
        for (int i = 0; i < pairs.Count; i++)
        {
            transform.Apply(pairs[i].Image, pixels.AsSpan(i * 3 * size * size, 3 * size * size));
            tokenizer.Encode(pairs[i].Caption, ids.AsSpan(i * context, context));
        }
        using var scope = NewDisposeScope();
        using var mode = no_grad();
        var device = model.Parameters.Device;
        var images = PixelInput.Normalize(tensor(pixels, [pairs.Count, 3, size, size], ScalarType.Byte, device), preprocess);
        var cosines = ClipModel
            .Normalize(model.Texts.Forward(TextInput.From(ids, model.Config.TextCfg, device)))
            .matmul(ClipModel.Normalize(model.Images.Forward(images)).t())
            .cpu()
            .to(ScalarType.Float64);
        return new SimilarityProbe(
            step,
            [.. pairs.Select(pair => pair.Caption)],
            [.. pairs.Select(pair => Thumbnail.Png(pair.Image, ThumbnailSize))],
            [.. Enumerable.Range(0, pairs.Count).Select(row => cosines[row].contiguous().data<double>().ToArray())]
        );
    }

    private static List<(RgbImage Image, string Caption)> Choose(TrainingSpec spec)
    {
        foreach (var source in spec.Data.Validation.Take(1).Concat(spec.Data.Train))
        {
            // Validation data may have no captions, or such as no evaluation reads.
            var manifest = ManifestBuilder.Build([source], needs: new ColumnNeeds(ColumnNeed.Welcome, ColumnNeed.Ignored));
            var captioned = manifest with { Shards = [.. manifest.Shards.Where(shard => shard.CaptionColumn is not null)] };
            var found = BlockReading.Walk(captioned, BlockColumns.Image | BlockColumns.Caption)
                .Select(group => group.Data is null ? [] : Choose(group.Data, spec))
                .FirstOrDefault(pairs => pairs.Count > 0);
            if (found is not null)
                return found;
        }
        throw new BadInputException(
            "No row of data.validation[0] or data.train has both an image that decodes and a caption; repair the shards."
        );
    }

    private static List<(RgbImage Image, string Caption)> Choose(BlockData rows, TrainingSpec spec)
    {
        var pairs = new Dictionary<string, RgbImage>();
        // In strides through the block: neighbours are often alike.
        int stride = Math.Max(1, rows.Rows / Pairs);
        foreach (int row in Enumerable.Range(0, rows.Rows).OrderBy(row => row % stride))
        {
            if (pairs.Count == Pairs)
                break;
            if (rows.Captions[row] is { } caption && !pairs.ContainsKey(caption) && TryDecode(rows.Images[row], spec) is { } image)
                pairs.Add(caption, image);
        }
        return [.. pairs.Select(pair => (pair.Value, pair.Key))];
    }

    private static RgbImage? TryDecode(byte[]? image, TrainingSpec spec)
    {
        try
        {
            return ImageDecoder.Decode(image, (long)spec.Limits.MaxImagePixels);
        }
        catch (DamagedImageException)
        {
            return null; // another row serves as well
        }
    }
}
