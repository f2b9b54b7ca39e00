using System.Text.Json.Nodes;
using ClipDistributed.Contracts.Models.Vision;

namespace ClipDistributed.Contracts.Models;

/// <summary>
/// The keys of <c>open_clip_config.json</c> that this program implements, and the type of each. What is written in another form of
/// the same value (224.0, [224, 224]) is brought into one form; a key of "model_cfg" that is not known is refused by name, because
/// the model would be another one. What OpenCLIP does not look at is left out.
/// </summary>
internal static class ConfigKeys
{
    private sealed record Form(string Expected, Func<JsonNode, JsonNode?> Read);

    private static readonly Form Whole = new("a whole number", value => Node(JsonText.Whole(value)));
    private static readonly Form Number = new("a number", value => Node(JsonText.Number(value)));
    private static readonly Form Flag = new("true or false", value => Node(JsonText.Flag(value)));
    private static readonly Form Text = new("a text", value => JsonText.Text(value) is { } text ? JsonValue.Create(text) : null);
    private static readonly Form Side = new(
        "a whole number, or two equal ones in a list; only square images and patches are supported", value => Node(JsonText.Side(value)));
    private static readonly Form Numbers = new("a list of numbers", value => JsonText.Numbers(value) is null ? null : value.DeepClone());
    private static readonly Form Object = new("an object of keys and values", value => (value as JsonObject)?.DeepClone());
    private static readonly Form Any = new("", value => value.DeepClone());

    private static readonly Form Blocks = new("a whole number, or a list of four for a ResNet",
        value => value is not JsonArray groups ? Node(JsonText.Whole(value))
            : groups.All(group => JsonText.Whole(group) is not null)
                ? new JsonArray([.. groups.Select(group => Node(JsonText.Whole(group)))])
                : null);

    private static readonly Dictionary<string, Form> Model = new()
    {
        ["embed_dim"] = Whole, ["quick_gelu"] = Flag, ["init_logit_scale"] = Number, ["init_logit_bias"] = Number, ["vision_cfg"] = Object,
        ["text_cfg"] = Object,
    };

    private static readonly Dictionary<string, Form> Vision = new()
    {
        ["image_size"] = Side, ["patch_size"] = Side, ["width"] = Whole, ["layers"] = Blocks, ["head_width"] = Whole,
        ["mlp_ratio"] = Number, ["ls_init_value"] = Number,
        ["no_ln_pre"] = Flag, ["pool_type"] = Text, ["final_ln_after_pool"] = Flag,
    };

    private static readonly Dictionary<string, Form> Timm = new()
    {
        ["timm_model_name"] = Text, ["timm_pool"] = Text, ["timm_proj"] = Text, ["timm_proj_bias"] = Flag, ["timm_model_kwargs"] = Object,
    };

    private static readonly Dictionary<string, Form> TimmSizes = new()
    {
        ["img_size"] = Side, ["patch_size"] = Side, ["embed_dim"] = Whole, ["depth"] = Whole, ["num_heads"] = Whole, ["mlp_ratio"] = Number,
    };

    private static readonly Dictionary<string, Form> TextTower = new()
    {
        ["context_length"] = Whole, ["vocab_size"] = Whole, ["width"] = Whole, ["heads"] = Whole, ["layers"] = Whole,
        ["mlp_ratio"] = Number, ["ls_init_value"] = Number, ["no_causal_mask"] = Flag, ["pool_type"] = Text, ["eos_id"] = Whole,
        ["proj_type"] = Text, ["proj_bias"] = Flag, ["norm_kwargs"] = Object, ["act_kwargs"] = Object,
        ["tokenizer_kwargs"] = Object,
    };

    private static readonly Dictionary<string, Form> NormOptions = new() { ["eps"] = Number };

    private static readonly Dictionary<string, Form> TokenizerOptions = new() { ["clean"] = Text };

    private static readonly Dictionary<string, Form> ActOptions = new() { ["approximate"] = Text };

    private static readonly Dictionary<string, Form> Preprocess = new()
    {
        ["mean"] = Numbers, ["std"] = Numbers, ["interpolation"] = Text, ["resize_mode"] = Text, ["mode"] = Text, ["size"] = Any,
        ["fill_color"] = Number,
    };

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
                : Refuse("preprocess_cfg", preprocess, Object, refuse);
        return known;
    }

    /// <summary>"model_cfg" alone.</summary>
    /// <inheritdoc cref="TakeFile"/>
    public static JsonObject TakeModel(JsonObject model, string at, Action<string> refuse)
    {
        if (JsonText.Text((model["vision_cfg"] as JsonObject)?["timm_model_name"]) is { } name && !TimmModel.All.ContainsKey(name))
        {
            refuse($"{at}vision_cfg.timm_model_name is {JsonText.Shown(name)}; "
                + $"of timm only {string.Join(", ", TimmModel.All.Keys)} are supported.");
        }
        FixedKeys.Take(model, at, refuse);
        var (vision, text) = (Part(model, "vision_cfg", at, refuse), Part(model, "text_cfg", at, refuse));
        if (model["embed_dim"] is null)
            refuse($"{at}embed_dim is missing; give {Whole.Expected}.");
        var known = Take(model, Model, at, refuse, others: true);
        known["vision_cfg"] = vision is null ? null : TakeVision(vision, $"{at}vision_cfg.", refuse);
        known["text_cfg"] = text is null ? null : TakeText(text, $"{at}text_cfg.", refuse);
        return known;
    }

    /// <summary>Of a tower of timm OpenCLIP reads none of these keys.</summary>
    public static void DropForTimm(JsonObject vision)
    {
        foreach (string key in Vision.Keys.Where(key => key != "image_size"))
            vision.Remove(key);
    }

    private static JsonObject TakeVision(JsonObject vision, string at, Action<string> refuse)
    {
        var timm = new JsonObject();
        foreach (string key in Timm.Keys.Where(vision.ContainsKey))
        {
            // Left out, "timm_proj" is linear; null is the tower's own head.
            timm[key] = vision[key] is { } value ? value.DeepClone() : key == "timm_proj" ? "" : null;
            vision.Remove(key);
        }
        bool isTimm = timm["timm_model_name"] is not null;
        if (isTimm)
            DropForTimm(vision);
        var known = Take(vision, Vision, at, refuse, others: true);
        foreach (var (key, value) in Take(timm, Timm, at, refuse, others: true).Where(_ => isTimm))
        {
            known[key] = value is JsonObject sizes && key == "timm_model_kwargs"
                ? Take(sizes, TimmSizes, $"{at}{key}.", refuse, others: true)
                : value?.DeepClone();
        }
        return known;
    }

    private static JsonObject TakeText(JsonObject text, string at, Action<string> refuse)
    {
        var known = Take(text, TextTower, at, refuse, others: true);
        foreach (var (key, options) in new[]
        {
            ("norm_kwargs", NormOptions), ("act_kwargs", ActOptions), ("tokenizer_kwargs", TokenizerOptions),
        })
        {
            if (known[key] is JsonObject given)
                known[key] = Take(given, options, $"{at}{key}.", refuse, others: true);
        }
        if (JsonText.Text(known["pool_type"]) != TextConfig.EndOfText)
            known.Remove("eos_id"); // not looked at
        return known;
    }

    private static JsonObject? Part(JsonObject whole, string key, string at, Action<string> refuse)
    {
        if (whole[key] is null)
            refuse($"{at}{key} is missing; give {Object.Expected}.");
        return whole[key] as JsonObject;
    }

    /// <param name="others">Whether a key that is not known is a mistake.</param>
    private static JsonObject Take(JsonObject part, Dictionary<string, Form> keys, string at, Action<string> refuse, bool others)
    {
        var known = new JsonObject();
        foreach (var (key, value) in part)
        {
            if (!keys.TryGetValue(key, out var form))
            {
                if (others)
                    refuse($"{at}{key} is {JsonText.Shown(value)}; no such key is supported, use {string.Join(", ", keys.Keys)}.");
            }
            else if (value is null && key == "patch_size")
            {
                known[key] = null; // a ResNet has none; everywhere else null is "not given"
            }
            else if (value is not null)
            {
                known[key] = form.Read(value) ?? Refuse($"{at}{key}", value, form, refuse);
            }
        }
        return known;
    }

    private static JsonNode? Refuse(string path, JsonNode value, Form form, Action<string> refuse)
    {
        refuse($"{path} is {JsonText.Shown(value)}; give {form.Expected}.");
        return null;
    }

    private static JsonNode? Node<T>(T? value)
        where T : struct => value is { } known ? JsonValue.Create(known) : null;
}
