using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Models;
using ClipDistributed.Contracts.Safetensors;
using ClipDistributed.Model.Safetensors;
using TorchSharp;
using static TorchSharp.torch;

namespace ClipDistributed.Training.Embedding;

/// <summary>Tensors that another program prepared for the towers, checked against the model before they reach an operator.</summary>
/// <param name="Images">[N, 3, H, W] of float32, normalised; null: the file has none.</param>
/// <param name="Tokens">[N, context] of int32; null: the file has none.</param>
internal sealed record ReadyInput(Tensor? Images, Tensor? Tokens)
{
    private const string ImagesName = "images", TokensName = "tokens";

    /// <exception cref="BadInputException">Lists all that does not fit the model.</exception>
    public static ReadyInput Read(string path, ModelConfig model)
    {
        using var file = SafetensorsFile.Open(path);
        var errors = new List<string>();
        var images = file.Entries.GetValueOrDefault(ImagesName);
        var tokens = file.Entries.GetValueOrDefault(TokensName);
        if (images is null && tokens is null)
            errors.Add(
                $"--tensors: {path} has neither '{ImagesName}' nor '{TokensName}'; it holds "
                    + $"{(file.Entries.Count == 0 ? "nothing" : string.Join(", ", file.Entries.Keys.Take(5)))}."
            );
        int side = model.VisionCfg.ImageSize,
            context = model.TextCfg.ContextLength;
        if (images is not null && (images.Type != "F32" || !IsRows(images, [3, side, side])))
            errors.Add($"--tensors: '{ImagesName}' is {Describe(images)}; this model takes [N, 3, {side}, {side}] of float32, normalised.");
        if (tokens is not null && (tokens.Type is not ("I32" or "I64") || !IsRows(tokens, [context])))
            errors.Add($"--tensors: '{TokensName}' is {Describe(tokens)}; this model takes [N, {context}] of int32 or int64.");
        if (errors.Count > 0)
            throw new BadInputException(errors);
        return new ReadyInput(
            images is null ? null : file.Load(ImagesName),
            tokens is null ? null : LoadTokens(file, model.TextCfg.VocabSize)
        );
    }

    private static Tensor LoadTokens(SafetensorsFile file, int vocabulary)
    {
        var tokens = file.Load(TokensName);
        long low = tokens.min().to(ScalarType.Int64).ToInt64(), high = tokens.max().to(ScalarType.Int64).ToInt64();
        if (low < 0 || high >= vocabulary)
            throw new BadInputException(
                $"--tensors: '{TokensName}' holds the id {(low < 0 ? low : high)}; this model knows 0 to {vocabulary - 1}."
            );
        return tokens.to(ScalarType.Int32);
    }

    private static bool IsRows(SafetensorsEntry entry, long[] row) =>
        entry.Shape.Length == row.Length + 1 && entry.Shape[0] > 0 && entry.Shape[1..].SequenceEqual(row);

    private static string Describe(SafetensorsEntry entry) =>
        $"[{string.Join(", ", entry.Shape)}] of {SafetensorsTypes.Of(entry.Type).ToString().ToLowerInvariant()}";
}
