using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Models;
using ClipDistributed.Contracts.Spec.V1;
using ClipDistributed.Data.Blocks;
using ClipDistributed.Data.Images;
using ClipDistributed.Data.Manifests;
using ClipDistributed.Data.Shards;
using ClipDistributed.Data.Tokens;
using ClipDistributed.Model;
using static TorchSharp.torch;

namespace ClipDistributed.Training.Evaluation;

/// <summary>A few pairs, chosen by the data alone: the same whenever they are chosen.</summary>
internal sealed class ProbePairs
{
    private const int Pairs = 10;
    private const int ThumbnailSize = 96;

    private readonly IReadOnlyList<byte[]> pixels; // RGB, [3, size, size] each
    private readonly int[] ids; // [pairs, context]
    private readonly PreprocessConfig preprocess;

    private ProbePairs(
        IReadOnlyList<(RgbImage Image, string Caption)> pairs, ModelFolderConfig config, ClipTokenizer tokenizer)
    {
        preprocess = config.PreprocessCfg;
        int size = config.ModelCfg.VisionCfg.ImageSize, context = config.ModelCfg.TextCfg.ContextLength;
        var transform = EvaluationTransform.Of(config);
        ids = new int[pairs.Count * context];
        var planes = new List<byte[]>();
        for (int i = 0; i < pairs.Count; i++)
        {
            planes.Add(new byte[3 * size * size]);
            transform.Apply(pairs[i].Image, planes[i]);
            tokenizer.Encode(pairs[i].Caption, ids.AsSpan(i * context, context));
        }
        pixels = planes;
        Captions = [.. pairs.Select(pair => pair.Caption)];
        ImagesPng = [.. pairs.Select(pair => Thumbnail.Png(pair.Image, ThumbnailSize))];
    }

    public IReadOnlyList<string> Captions { get; }

    public IReadOnlyList<byte[]> ImagesPng { get; }

    /// <summary>Pairs of the first validation source, or of the training data where that has none; no caption twice.</summary>
    /// <exception cref="BadInputException">There is no pair.</exception>
    public static ProbePairs Choose(
        TrainingSpec spec, DatasetManifest training, ModelFolderConfig config, ClipTokenizer tokenizer)
    {
        // Validation data may have no captions, or such as no evaluation reads.
        var validation = spec.Data.Validation.Take(1)
            .Select(source => ManifestBuilder.Build([source], needs: new ColumnNeeds(ColumnNeed.Welcome, ColumnNeed.Ignored)));
        foreach (var manifest in validation.Append(training))
        {
            var captioned = manifest with { Shards = [.. manifest.Shards.Where(shard => shard.CaptionColumn is not null)] };
            var found = BlockReading.Walk(captioned, BlockColumns.Image | BlockColumns.Caption)
                .Select(group => group.Data is null ? [] : Choose(group.Data, spec))
                .FirstOrDefault(pairs => pairs.Count > 0);
            if (found is not null)
                return new ProbePairs(found, config, tokenizer);
        }
        throw new BadInputException(
            "No row of data.validation[0] or data.train has both an image that decodes and a caption; repair the shards."
        );
    }

    /// <returns>Cosine of caption (row) and image (column).</returns>
    public IReadOnlyList<IReadOnlyList<double>> Similarity(ClipModel model)
    {
        using var scope = NewDisposeScope();
        var cosines = ClipModel
            .Normalize(Features.OfTexts(model, ids))
            .matmul(ClipModel.Normalize(Features.OfImages(model, pixels, preprocess)).t())
            .cpu()
            .to(ScalarType.Float64);
        return [.. Enumerable.Range(0, pixels.Count).Select(row => cosines[row].contiguous().data<double>().ToArray())];
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
