using System.Text.Json.Nodes;
using ClipDistributed.Contracts.Models.Keys;

namespace ClipDistributed.Contracts.Models.HuggingFace;

/// <summary>
/// Reads <c>preprocessor_config.json</c> as CLIPImageProcessor does: a size that is a number or "shortest_edge" scales that side, "height"
/// and "width" scale both.
/// </summary>
internal static class HuggingFacePreprocessor
{
    /// <summary>Pillow's numbers.</summary>
    public const int Bilinear = 2, Bicubic = 3;

    private static readonly string[] Steps = ["do_resize", "do_center_crop", "do_normalize", "do_rescale"];

    /// <param name="errors">Takes what is wrong.</param>
    public static PreprocessConfig Parse(string json, int imageSize, List<string> errors, string path)
    {
        var root = JsonText.Parse(json, path);
        foreach (string key in Steps.Where(key => root[key] is { } on && JsonText.Flag(on) != true))
            errors.Add($"{path}: {key} is {JsonText.Shown(root[key])}; only true is supported.");
        int? resample = root["resample"] is { } filter ? JsonText.Whole(filter) : Bicubic;
        if (resample is not (Bilinear or Bicubic))
            errors.Add(
                $"{path}: resample is {JsonText.Shown(root["resample"])}; only {Bicubic} (bicubic) and {Bilinear} (bilinear) "
                    + "are supported."
            );
        CheckSize("size");
        CheckSize("crop_size");
        var usual = new PreprocessConfig();
        return usual with
        {
            Mean = Numbers("image_mean") ?? usual.Mean,
            Std = Numbers("image_std") ?? usual.Std,
            Interpolation = resample == Bilinear ? "bilinear" : usual.Interpolation,
            ResizeMode = root["size"] is JsonObject size && size.ContainsKey("height") ? "squash" : usual.ResizeMode,
        };

        void CheckSize(string key)
        {
            if (root[key] is not { } value)
                return;
            var sides = value is JsonObject named ? named.Select(side => JsonText.Whole(side.Value)).ToList() : [JsonText.Side(value)];
            if (sides.Any(side => side != imageSize))
                errors.Add($"{path}: {key} is {JsonText.Shown(value)}; only the model's image_size {imageSize} is supported.");
        }

        double[]? Numbers(string key)
        {
            if (root[key] is { } value && JsonText.Numbers(value) is null)
                errors.Add($"{path}: {key} is {JsonText.Shown(value)}; give a list of numbers.");
            return JsonText.Numbers(root[key]);
        }
    }
}
