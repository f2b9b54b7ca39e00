using System.Text.Json.Nodes;
using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Models.Keys;
using ClipDistributed.Contracts.Models.Vision;

namespace ClipDistributed.Contracts.Models;

/// <summary>
/// Reads the keys of <c>open_clip_config.json</c> that the records declare. What is written in another form of the same value
/// (224.0, [224, 224]) is brought into one form; a key of "model_cfg" that is not known is refused by name, because the model would be
/// another one. What OpenCLIP does not look at is left out.
/// </summary>
internal static class ConfigKeys
{
    private const string TimmPrefix = "timm_", TimmName = "timm_model_name";

    private static readonly IReadOnlyDictionary<string, ConfigForm> Model = ConfigForm.Of<ModelConfig>(),
        Vision = ConfigForm.Of<VisionConfig>(),
        Texts = ConfigForm.Of<TextConfig>(),
        Preprocess = ConfigForm.Of<PreprocessConfig>();

    /// <param name="refuse">Is called with each mistake.</param>
    /// <returns>The whole file with the known keys alone.</returns>
    public static JsonObject TakeFile(JsonObject file, Action<string> refuse)
    {
        var known = new JsonObject();
        if (Part(file, "model_cfg", "", refuse) is { } model)
            known["model_cfg"] = TakeModel(model, "model_cfg.", refuse);
        if (file["preprocess_cfg"] is { } preprocess)
            known["preprocess_cfg"] = preprocess is JsonObject keys
                ? Take(keys, Preprocess, "preprocess_cfg.", refuse, others: false)
                : Refuse("preprocess_cfg", preprocess, Model["vision_cfg"], refuse);
        return known;
    }

    /// <summary>"model_cfg" alone.</summary>
    /// <inheritdoc cref="TakeFile"/>
    public static JsonObject TakeModel(JsonObject model, string at, Action<string> refuse)
    {
        if (JsonText.Text((model["vision_cfg"] as JsonObject)?[TimmName]) is { } name && !TimmTransformer.All.ContainsKey(name))
        {
            refuse(
                $"{at}vision_cfg.{TimmName} is {JsonText.Shown(name)}; "
                    + $"of timm only {string.Join(", ", TimmTransformer.All.Keys)} are supported."
            );
        }
        FixedKeys.Take(model, at, refuse);
        if (Part(model, "vision_cfg", at, refuse) is { } vision)
            TakeTimm(vision);
        Part(model, "text_cfg", at, refuse);
        if (model["embed_dim"] is null)
            refuse($"{at}embed_dim is missing; give {Model["embed_dim"].Expected}.");
        var known = Take(model, Model, at, refuse, others: true);
        if (known["text_cfg"] is JsonObject text && JsonText.Text(text["pool_type"]) != TextConfig.EndOfText)
            text.Remove("eos_id"); // not looked at
        return known;
    }

    /// <summary>Of a tower of timm OpenCLIP reads none of these keys.</summary>
    public static void DropForTimm(JsonObject vision)
    {
        foreach (string key in Vision.Keys.Where(key => key != "image_size" && !IsTimm(key)))
            vision.Remove(key);
    }

    /// <summary>Takes out the keys of the tower that it is not.</summary>
    private static void TakeTimm(JsonObject vision)
    {
        if (vision[TimmName] is not null)
        {
            DropForTimm(vision);
            // Left out, "timm_proj" is linear; null is the tower's own head.
            if (vision.TryGetPropertyValue("timm_proj", out var projection) && projection is null)
                vision["timm_proj"] = TimmTransformerForm.OwnHead;
            return;
        }
        foreach (string key in Vision.Keys.Where(IsTimm))
            vision.Remove(key);
    }

    private static bool IsTimm(string key) => key.StartsWith(TimmPrefix, StringComparison.Ordinal);

    private static JsonObject? Part(JsonObject whole, string key, string at, Action<string> refuse)
    {
        if (whole[key] is null)
            refuse($"{at}{key} is missing; give {Model["vision_cfg"].Expected}.");
        return whole[key] as JsonObject;
    }

    /// <param name="others">Whether a key that is not known is a mistake.</param>
    private static JsonObject Take(
        JsonObject part, IReadOnlyDictionary<string, ConfigForm> keys, string at, Action<string> refuse, bool others)
    {
        var known = new JsonObject();
        foreach (var (key, value) in part)
        {
            if (!keys.TryGetValue(key, out var form))
            {
                if (others)
                    refuse(
                        $"{at}{FileWords.Of(key)} is {JsonText.Shown(value)}; no such key is supported, use "
                            + $"{string.Join(", ", keys.Keys)}.");
            }
            else if (value is null && key == "patch_size")
            {
                known[key] = null; // a ResNet has none; everywhere else null is "not given"
            }
            else if (value is JsonObject inner && form.Keys is { } innerKeys)
            {
                known[key] = Take(inner, innerKeys, $"{at}{key}.", refuse, others);
            }
            else if (value is not null)
            {
                known[key] = form.Read(value) ?? Refuse($"{at}{key}", value, form, refuse);
            }
        }
        return known;
    }

    private static JsonNode? Refuse(string path, JsonNode value, ConfigForm form, Action<string> refuse)
    {
        refuse($"{path} is {JsonText.Shown(value)}; give {form.Expected}.");
        return null;
    }
}
