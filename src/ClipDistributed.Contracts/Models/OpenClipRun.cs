using System.Globalization;
using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Files;

namespace ClipDistributed.Contracts.Models;

/// <summary>
/// The model of a run directory of OpenCLIP's training (open_clip_train/main.py): <c>params.txt</c> names it, <c>checkpoints/epoch_N.pt</c>
/// are its weights.
/// </summary>
internal static class OpenClipRun
{
    public const string FileName = "params.txt";

    private const string QuickGelu = "-quickgelu";
    private const int MaxFileBytes = 1 << 20;

    /// <exception cref="BadInputException">The file names no model that can be built from it.</exception>
    public static ModelFolderConfig Read(string path)
    {
        var arguments = Arguments(path);
        string given = Value("model") ?? throw new BadInputException($"{path} names no model; it is not what OpenCLIP's training writes.");
        string name = given.Replace('/', '-');
        bool quick = name.EndsWith(QuickGelu, StringComparison.Ordinal);
        if (ModelPresets.Find(quick ? name[..^QuickGelu.Length] : name) is not { } preset)
            throw Refuse("model", "is not one that is known by name");
        if (Value("pretrained") == "openai" && !quick)
            throw Refuse("pretrained", "left the activation to OpenCLIP's version (quick_gelu)");
        var model = preset.Model with { QuickGelu = quick || Value("force_quick_gelu") == "True" };
        model = model with { VisionCfg = model.VisionCfg with { ImageSize = Side("force_image_size") ?? model.VisionCfg.ImageSize } };
        if (Value("force_context_length") is { } context)
            model = model with { TextCfg = model.TextCfg with { ContextLength = (int)Numbers("force_context_length", context)[0] } };
        if (Value("siglip") == "True")
            model = model.ForSigmoid();
        var usual = new PreprocessConfig();
        var config = new ModelFolderConfig
        {
            ModelCfg = model,
            PreprocessCfg = usual with
            {
                Mean = Value("image_mean") is { } mean ? Numbers("image_mean", mean) : usual.Mean,
                Std = Value("image_std") is { } deviation ? Numbers("image_std", deviation) : usual.Std,
                Interpolation = Value("image_interpolation") ?? usual.Interpolation,
                ResizeMode = Value("image_resize_mode") ?? usual.ResizeMode,
            },
        };
        ModelConfigValidator.Check(config, path);
        return config;

        string? Value(string key) => arguments.TryGetValue(key, out string? value) && value is not ("None" or "") ? value : null;

        BadInputException Refuse(string key, string why) =>
            new(
                $"{path}: {key} is '{Value(key)}', which {why}; put the model's {ModelFolderConfig.FileName} into "
                    + $"{Path.GetDirectoryName(path)}."
            );

        double[] Numbers(string key, string value)
        {
            string[] items = value.Trim('[', ']', '(', ')').Split(
                ',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
            double[] numbers = [.. items.Select(item =>
                double.TryParse(item, NumberStyles.Float, CultureInfo.InvariantCulture, out double number) ? number : double.NaN)];
            return numbers.Length > 0 && numbers.All(double.IsFinite) ? numbers : throw Refuse(key, "is not a number or list of numbers");
        }

        int? Side(string key)
        {
            if (Value(key) is not { } value)
                return null;
            double[] sides = Numbers(key, value);
            return sides.All(side => side == sides[0] && side is >= 1 and <= 1 << 20) ? (int)sides[0] : throw Refuse(key, "is not square");
        }
    }

    /// <summary>Lines of "key: value".</summary>
    private static Dictionary<string, string> Arguments(string path)
    {
        var arguments = new Dictionary<string, string>();
        foreach (string line in InputFile.ReadText(path, null, MaxFileBytes).ReplaceLineEndings("\n").Split('\n'))
        {
            if (line.Split(':', 2) is [var key, var value])
                arguments[key.Trim()] = value.Trim();
        }
        return arguments;
    }
}
