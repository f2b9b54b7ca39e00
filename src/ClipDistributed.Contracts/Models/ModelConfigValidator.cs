using System.Text.Json;
using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Models.Keys;

namespace ClipDistributed.Contracts.Models;

/// <summary>
/// Checks the values of a model config that was read: a shape that cannot be built, and a preprocessing that is not
/// implemented and would silently give other accuracies. Errors name the JSON key's path.
/// </summary>
public sealed class ModelConfigValidator
{
    private readonly ConfigErrors errors;

    private ModelConfigValidator(string source) => errors = new ConfigErrors(source);

    /// <param name="source">The file, named in errors.</param>
    /// <exception cref="BadInputException">Lists all that is wrong.</exception>
    public static void Check(ModelFolderConfig config, string source)
    {
        var validator = new ModelConfigValidator(source);
        validator.CheckModel(config.ModelCfg, "model_cfg.");
        validator.CheckPreprocess(config.PreprocessCfg, config.ModelCfg.VisionCfg.ImageSize);
        validator.errors.Throw();
    }

    /// <summary>Checks "model_cfg" alone.</summary>
    /// <inheritdoc cref="Check(ModelFolderConfig, string)"/>
    public static void Check(ModelConfig model, string source)
    {
        var validator = new ModelConfigValidator(source);
        validator.CheckModel(model, "");
        validator.errors.Throw();
    }

    private void CheckModel(ModelConfig model, string at)
    {
        errors.Between(1, $"{at}embed_dim", model.EmbedDim);
        if (model.InitLogitScale is { } scale && scale is not (>= 0 and <= 4.61))
            errors.Add($"{at}init_logit_scale is {ConfigErrors.Show(scale)}; use a logarithm from 0 to 4.6 (a scale of 100).");
        if (model.InitLogitBias is { } bias && !double.IsFinite(bias))
            errors.Add($"{at}init_logit_bias is {ConfigErrors.Show(bias)}; use a number.");
        model.VisionCfg.Form.Check(errors, $"{at}vision_cfg.", model.EmbedDim);
        CheckText(model.TextCfg, $"{at}text_cfg.");
        CheckReading(model, $"{at}text_cfg.");
    }

    private void CheckText(TextConfig text, string at)
    {
        errors.Between(2, $"{at}context_length", text.ContextLength, " (start and end)");
        errors.Between(3, $"{at}vocab_size", text.VocabSize, " (start, end and a word)");
        bool width = errors.Between(1, $"{at}width", text.Width);
        if (errors.Between(1, $"{at}heads", text.Heads) && width && text.Width % text.Heads != 0)
            errors.Add($"{at}heads is {text.Heads}, which does not divide width {text.Width}; choose a divisor.");
        errors.Between(1, $"{at}layers", text.Layers);
        errors.CheckRatio(text.MlpRatio, text.Width, at);
        errors.CheckGain(text.LsInitValue, at);
        if (text.NormKwargs is { Eps: not (> 0 and < 1) } norm)
            errors.Add($"{at}norm_kwargs.eps is {ConfigErrors.Show(norm.Eps!.Value)}; use a number above 0 and below 1.");
    }

    /// <summary>What is done with the tokens of a text.</summary>
    private void CheckReading(ModelConfig model, string at)
    {
        var text = model.TextCfg;
        errors.Only(
            [TextConfig.LargestId, TextConfig.FirstToken, TextConfig.LastToken, TextConfig.EndOfText],
            $"{at}pool_type", text.PoolType ?? TextConfig.LargestId);
        if (text.PoolType == TextConfig.EndOfText && text.EosId is null)
            errors.Add($"{at}eos_id is missing; pool_type eos reads the feature there, give the id that ends a text of the tokenizer.");
        else if (text.EosId is { } end && (end < 0 || end >= text.VocabSize))
            errors.Add($"{at}eos_id is {end}; use 0 to vocab_size − 1 = {text.VocabSize - 1}.");
        errors.Only([TextConfig.LinearProjection, TextConfig.NoProjection], $"{at}proj_type", text.ProjType ?? TextConfig.LinearProjection);
        if (text.ProjType == TextConfig.NoProjection && text.Width != model.EmbedDim)
        {
            errors.Add(
                $"{at}proj_type is 'none', so that the features are as wide as the tower, {text.Width}; "
                    + $"but embed_dim is {model.EmbedDim}."
            );
        }
        if (text.TokenizerKwargs?.Clean is { } clean)
        {
            errors.Only(
                [TokenizerKwargs.Lower, TokenizerKwargs.Whitespace, TokenizerKwargs.Canonicalize], $"{at}tokenizer_kwargs.clean", clean);
        }
        if (text.ActKwargs is { Approximate: var approximate })
        {
            errors.Only([ActKwargs.Exact, ActKwargs.Tanh], $"{at}act_kwargs.approximate", approximate!);
            if (model.QuickGelu)
                errors.Add($"{at}act_kwargs is given, but quick_gelu is true, which has no such option; leave one of them out.");
        }
    }

    private void CheckPreprocess(PreprocessConfig preprocess, int imageSize)
    {
        const string at = "preprocess_cfg.";
        Three($"{at}mean", preprocess.Mean, double.IsFinite, "three numbers, one each for R, G and B");
        Three($"{at}std", preprocess.Std, value => value > 0 && double.IsFinite(value), "three numbers above 0, one each for R, G and B");
        errors.Only(["bicubic", "bilinear", "random"], $"{at}interpolation", preprocess.Interpolation);
        errors.Only(["shortest", "longest", "squash"], $"{at}resize_mode", preprocess.ResizeMode);
        errors.Only(["RGB"], $"{at}mode", preprocess.Mode ?? "RGB");
        if (preprocess.FillColor is { } fill and not 0)
            errors.Add($"{at}fill_color is {ConfigErrors.Show(fill)}; only 0 is supported.");
        if (preprocess.Size is { } size && !IsSize(size, imageSize))
            errors.Add($"{at}size is {size.GetRawText()}; only the model's image_size {imageSize} is supported.");
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
            errors.Add($"{path} is [{string.Join(", ", values.Select(ConfigErrors.Show))}]; give {expected}.");
    }
}
