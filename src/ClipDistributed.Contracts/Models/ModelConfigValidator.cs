using System.Globalization;
using System.Text.Json;
using ClipDistributed.Contracts.Errors;

namespace ClipDistributed.Contracts.Models;

/// <summary>
/// Checks the values of a model config that was read: a shape that cannot be built, and a preprocessing that is not
/// implemented and would silently give other accuracies. Errors name the JSON key's path.
/// </summary>
public sealed class ModelConfigValidator
{
    // Far above any model, and low enough that sums and small multiples stay int.
    private const int Most = 1 << 20;

    private readonly string source;
    private readonly List<string> errors = [];

    private ModelConfigValidator(string source) => this.source = source;

    /// <param name="source">The file, named in errors.</param>
    /// <exception cref="BadInputException">Lists all that is wrong.</exception>
    public static void Check(ModelFolderConfig config, string source)
    {
        var validator = new ModelConfigValidator(source);
        validator.CheckModel(config.ModelCfg, "model_cfg.");
        validator.CheckPreprocess(config.PreprocessCfg, config.ModelCfg.VisionCfg.ImageSize);
        validator.ThrowErrors();
    }

    /// <summary>Checks "model_cfg" alone.</summary>
    /// <inheritdoc cref="Check(ModelFolderConfig, string)"/>
    public static void Check(ModelConfig model, string source)
    {
        var validator = new ModelConfigValidator(source);
        validator.CheckModel(model, "");
        validator.ThrowErrors();
    }

    private void CheckModel(ModelConfig model, string at)
    {
        Between(1, $"{at}embed_dim", model.EmbedDim);
        if (model.InitLogitScale is { } scale && scale is not (>= 0 and <= 4.61))
            Add($"{at}init_logit_scale is {Show(scale)}; use a logarithm from 0 to 4.6 (a scale of 100).");
        if (model.InitLogitBias is { } bias && !double.IsFinite(bias))
            Add($"{at}init_logit_bias is {Show(bias)}; use a number.");
        CheckVision(model.VisionCfg, $"{at}vision_cfg.");
        CheckText(model.TextCfg, $"{at}text_cfg.");
    }

    private void CheckVision(VisionConfig vision, string at)
    {
        bool image = Between(1, $"{at}image_size", vision.ImageSize);
        bool width = Between(1, $"{at}width", vision.Width);
        bool head = Between(1, $"{at}head_width", vision.HeadWidth);
        if (vision.IsResNet)
        {
            CheckResNet(vision, at, image, width && head);
            return;
        }
        bool patch = Between(1, $"{at}patch_size", vision.PatchSize);
        if (image && patch)
        {
            int side = vision.ImageSize / vision.PatchSize;
            if (vision.ImageSize % vision.PatchSize != 0)
                Add($"{at}patch_size is {vision.PatchSize}, which does not divide image_size {vision.ImageSize}; choose a divisor.");
            else if ((long)side * side > Most)
                Add($"{at}patch_size is {vision.PatchSize}, which makes {(long)side * side} patches of image_size {vision.ImageSize}; "
                    + $"at most {Most} are possible.");
        }
        if (head && width && vision.Width % vision.HeadWidth != 0)
            Add($"{at}head_width is {vision.HeadWidth}, which does not divide width {vision.Width}; choose a divisor.");
        Between(1, $"{at}layers", vision.Layers.Total);
        CheckRatio(vision.MlpRatio, vision.Width, at);
        CheckGain(vision.LsInitValue, at);
        if (vision.PoolType is not (null or VisionConfig.MeanPool))
            Add($"{at}pool_type is '{vision.PoolType}'; use {VisionConfig.TokenPool} or {VisionConfig.MeanPool}.");
    }

    private void CheckResNet(VisionConfig vision, string at, bool image, bool widths)
    {
        if (vision.Layers.Groups.Count != 4 || vision.Layers.Groups.Any(blocks => blocks is < 1 or > 1000))
            Add($"{at}layers is {vision.Layers}; a ResNet has four layers of 1 to 1000 blocks, as in [3, 4, 6, 3].");
        if (image && vision.ImageSize % 32 != 0)
            Add($"{at}image_size is {vision.ImageSize}; a ResNet halves it five times, use a multiple of 32.");
        if (image && vision.ImageSize / 32 > 1024)
            Add($"{at}image_size is {vision.ImageSize}; use at most 32768.");
        if (widths && (vision.Width % 2 != 0 || vision.Width > Most / 32))
            Add($"{at}width is {vision.Width}; a ResNet's is an even number, at most {Most / 32}.");
        else if (widths && vision.FeatureWidth % vision.HeadWidth != 0)
            Add($"{at}head_width is {vision.HeadWidth}, which does not divide the features' width 32 · {vision.Width}; choose a divisor.");
    }

    private void CheckGain(double? gain, string at)
    {
        if (gain is { } value && !double.IsFinite(value))
            Add($"{at}ls_init_value is {Show(value)}; use a number.");
    }

    private void CheckText(TextConfig text, string at)
    {
        Between(2, $"{at}context_length", text.ContextLength, " (start and end)");
        Between(3, $"{at}vocab_size", text.VocabSize, " (start, end and a word)");
        bool width = Between(1, $"{at}width", text.Width);
        if (Between(1, $"{at}heads", text.Heads) && width && text.Width % text.Heads != 0)
            Add($"{at}heads is {text.Heads}, which does not divide width {text.Width}; choose a divisor.");
        Between(1, $"{at}layers", text.Layers);
        CheckRatio(text.MlpRatio, text.Width, at);
        CheckGain(text.LsInitValue, at);
    }

    private void CheckRatio(double ratio, int width, string at)
    {
        if (!(ratio > 0))
            Add($"{at}mlp_ratio is {Show(ratio)}; use a number above 0.");
        else if (width is >= 1 and <= Most && ratio * width is < 1 or > Most)
            Add($"{at}mlp_ratio is {Show(ratio)}, which makes the inner layer {Show(Math.Floor(ratio * width))} wide; use 1 to {Most}.");
    }

    private void CheckPreprocess(PreprocessConfig preprocess, int imageSize)
    {
        const string at = "preprocess_cfg.";
        Three($"{at}mean", preprocess.Mean, double.IsFinite, "three numbers, one each for R, G and B");
        Three($"{at}std", preprocess.Std, value => value > 0 && double.IsFinite(value), "three numbers above 0, one each for R, G and B");
        Only(["bicubic", "bilinear", "random"], $"{at}interpolation", preprocess.Interpolation);
        Only(["shortest", "longest", "squash"], $"{at}resize_mode", preprocess.ResizeMode);
        Only(["RGB"], $"{at}mode", preprocess.Mode ?? "RGB");
        if (preprocess.FillColor is { } fill and not 0)
            Add($"{at}fill_color is {Show(fill)}; only 0 is supported.");
        if (preprocess.Size is { } size && !IsSize(size, imageSize))
            Add($"{at}size is {size.GetRawText()}; only the model's image_size {imageSize} is supported.");
    }

    private static bool IsSize(JsonElement size, int imageSize) => size.ValueKind switch
    {
        JsonValueKind.Number => size.TryGetInt32(out int side) && side == imageSize,
        JsonValueKind.Array => size.GetArrayLength() is 1 or 2
            && size.EnumerateArray().All(side => side.ValueKind == JsonValueKind.Number && IsSize(side, imageSize)),
        _ => false,
    };

    private void Three(string path, double[] values, Func<double, bool> allowed, string expected)
    {
        if (values.Length != 3 || !values.All(allowed))
            Add($"{path} is [{string.Join(", ", values.Select(Show))}]; give {expected}.");
    }

    private void Only(string[] supported, string path, string value)
    {
        if (!supported.Contains(value))
            Add($"{path} is '{value}'; only {string.Join(", ", supported)} {(supported.Length == 1 ? "is" : "are")} supported.");
    }

    private bool Between(int least, string path, int value, string why = "")
    {
        bool within = value >= least && value <= Most;
        if (!within)
            Add($"{path} is {value}; use {least}{why} to {Most}.");
        return within;
    }

    private static string Show(double value) => value.ToString(CultureInfo.InvariantCulture);

    private void Add(string error) => errors.Add($"{source}: {error}");

    private void ThrowErrors()
    {
        if (errors.Count > 0)
            throw new BadInputException(errors);
    }
}
