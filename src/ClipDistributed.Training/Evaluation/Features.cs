using ClipDistributed.Contracts.Models;
using ClipDistributed.Data.Batches;
using ClipDistributed.Model;
using ClipDistributed.Model.Towers;
using ClipDistributed.Training.Tensors;
using static TorchSharp.torch;

namespace ClipDistributed.Training.Evaluation;

/// <summary>The towers' features outside training: before normalisation, float32, without a graph.</summary>
internal static class Features
{
    /// <summary>Images that pass through the tower at once.</summary>
    public const int ImagesAtOnce = LabelledImages.AtOnce;

    /// <summary>Texts that pass through the tower at once.</summary>
    public const int TextsAtOnce = 64;

    /// <param name="pixels">RGB, [3, size, size] each.</param>
    /// <returns>[n, D] on the model's device.</returns>
    public static Tensor OfImages(ClipModel model, IReadOnlyList<byte[]> pixels, PreprocessConfig preprocess)
    {
        using var mode = no_grad();
        using var scope = NewDisposeScope();
        var stacked = PixelInput.Stack(pixels, 0, pixels.Count, model.Config.VisionCfg.ImageSize, model.Parameters.Device);
        return model.Images.Forward(PixelInput.Normalize(stacked, preprocess)).to(ScalarType.Float32).MoveToOuterDisposeScope();
    }

    /// <param name="ids">Rows of context ids.</param>
    /// <returns>[n, D] on the model's device.</returns>
    public static Tensor OfTexts(ClipModel model, ReadOnlySpan<int> ids)
    {
        using var mode = no_grad();
        using var scope = NewDisposeScope();
        var texts = TextInput.From(ids, model.Config.TextCfg, model.Parameters.Device);
        return model.Texts.Forward(texts).to(ScalarType.Float32).MoveToOuterDisposeScope();
    }
}
