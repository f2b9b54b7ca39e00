using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Models;

namespace ClipDistributed.Contracts.Tests.Models;

public sealed class ConfigKeysTests
{
    [Theory]
    [InlineData("model_cfg.vision_cfg", "null", "is missing; give an object of keys and values.")]
    [InlineData("model_cfg.vision_cfg", "3", "is 3; give an object of keys and values.")]
    [InlineData("model_cfg.embed_dim", "null", "is missing; give a whole number.")]
    [InlineData("model_cfg.embed_dim", "\"512\"", "is \"512\"; give a whole number.")]
    [InlineData("model_cfg.embed_dim", "512.5", "is 512.5; give a whole number.")]
    [InlineData("model_cfg.embed_dim", "1e300", "is 1e300; give a whole number.")]
    [InlineData("model_cfg.quick_gelu", "\"yes\"", "is \"yes\"; give true or false.")]
    [InlineData("model_cfg.quick_gelu", "1", "is 1; give true or false.")]
    [InlineData(
        "model_cfg.vision_cfg.image_size",
        "[224, 336]",
        "is [224,336]; give a whole number, or two equal ones in a list; only square images and patches are supported."
    )]
    [InlineData(
        "model_cfg.vision_cfg.image_size",
        "[]",
        "is []; give a whole number, or two equal ones in a list; only square images and patches are supported."
    )]
    [InlineData(
        "model_cfg.vision_cfg.layers",
        "[3, \"4\", 6, 3]",
        "is [3,\"4\",6,3]; give a whole number, or a list of four for a ResNet."
    )]
    [InlineData("model_cfg.vision_cfg.pool_type", "7", "is 7; give a text.")]
    [InlineData("model_cfg.text_cfg.mlp_ratio", "{}", "is {}; give a number.")]
    [InlineData("preprocess_cfg", "[]", "is []; give an object of keys and values.")]
    [InlineData("preprocess_cfg.mean", "[0.5, null, 0.5]", "is [0.5,null,0.5]; give a list of numbers.")]
    [InlineData("preprocess_cfg.std", "0.5", "is 0.5; give a list of numbers.")]
    public void Parse_ValueOfAnotherType_SaysWhichTypeItTakes(string path, string value, string expected)
    {
        var refused = Assert.Throws<BadInputException>(() => ModelFolderConfig.Parse(OpenClipFile.With(path, value), "file"));
        Assert.Contains($"file: {path} {expected}", refused.Errors);
    }

    [Theory]
    [InlineData("model_cfg.logit_bias")]
    [InlineData("model_cfg.vision_cfg.window")]
    [InlineData("model_cfg.text_cfg.rope")]
    public void Parse_UnknownKeyOfTheModel_IsRefusedByName(string path) =>
        Assert.StartsWith(
            $"file: {path} is 1; no such key is supported, use ",
            Assert.Single(Assert.Throws<BadInputException>(() => ModelFolderConfig.Parse(OpenClipFile.With(path, "1"), "file")).Errors)
        );

    [Theory]
    [InlineData("preprocess_cfg.crop_pct", "0.9")] // OpenCLIP looks at none of these
    [InlineData("preprocess_cfg.interpolation", "null")]
    [InlineData("preprocess_cfg", "null")]
    [InlineData("architecture", "\"ViT-B-32\"")]
    [InlineData("tags", "[1, {}]")]
    [InlineData("model_cfg.vision_cfg.image_size", "[224, 224]")]
    [InlineData("model_cfg.vision_cfg.image_size", "224.0")]
    [InlineData("model_cfg.vision_cfg.patch_size", "[32, 32]")]
    [InlineData("model_cfg.vision_cfg.head_width", "null")]
    [InlineData("model_cfg.embed_dim", "5.12e2")]
    public void Parse_KeyThatChangesNothing_IsThePreset(string path, string value) =>
        Assert.Equal(ModelPresets.Find("ViT-B-32")!.Model, ModelFolderConfig.Parse(OpenClipFile.With(path, value), "file").ModelCfg);

    [Theory]
    [InlineData("model_cfg.custom_text", "true")]
    [InlineData("model_cfg.multimodal_cfg", "null")]
    [InlineData("model_cfg.vision_cfg.timm_model_name", "null")]
    [InlineData("model_cfg.vision_cfg.timm_pool", "\"avg\"")]
    [InlineData("model_cfg.vision_cfg.patch_dropout", "0.0")]
    [InlineData("model_cfg.vision_cfg.pool_type", "\"tok\"")]
    [InlineData("model_cfg.vision_cfg.norm_kwargs", "{}")]
    [InlineData("model_cfg.vision_cfg.ls_init_value", "null")]
    [InlineData("model_cfg.vision_cfg.attn_pooler_heads", "8")]
    [InlineData("model_cfg.text_cfg.pool_type", "\"argmax\"")]
    [InlineData("model_cfg.text_cfg.no_causal_mask", "false")]
    [InlineData("model_cfg.text_cfg.hf_tokenizer_name", "null")]
    [InlineData("model_cfg.text_cfg.hf_tokenizer_name", "\"local\"")]
    [InlineData("model_cfg.text_cfg.proj_bias", "false")]
    [InlineData("model_cfg.text_cfg.eos_id", "2")]
    public void Parse_KeyThatSaysWhatIsDoneAnyway_IsThePreset(string path, string value) =>
        Assert.Equal(ModelPresets.Find("ViT-B-32")!.Model, ModelFolderConfig.Parse(OpenClipFile.With(path, value), "file").ModelCfg);

    [Theory]
    [InlineData("model_cfg.multimodal_cfg", "{}", "is {}; generative (CoCa) models are not supported.")]
    [InlineData("model_cfg.vision_cfg.patch_dropout", "0.5", "is 0.5; only 0 is supported.")]
    [InlineData("model_cfg.vision_cfg.pool_type", "\"none\"", "is 'none'; use tok or avg.")]
    [InlineData("model_cfg.vision_cfg.attentional_pool", "true", "is true; only false is supported.")]
    [InlineData("model_cfg.vision_cfg.act_kwargs", "{\"approximate\":\"tanh\"}", "is {\"approximate\":\"tanh\"}; only null is supported.")]
    [InlineData("model_cfg.vision_cfg.norm_kwargs", "{\"eps\":1e-6}", "is {\"eps\":1e-6}; only null (an epsilon of 1e-5) is supported.")]
    [InlineData("model_cfg.text_cfg.pool_type", "\"map\"", "is 'map'; only argmax, first, last, eos are supported.")]
    [InlineData("model_cfg.text_cfg.proj_type", "\"mlp\"", "is 'mlp'; only linear, none are supported.")]
    [InlineData("model_cfg.text_cfg.norm_kwargs", "{\"eps\":1}", ".eps is 1; use a number above 0 and below 1.", true)]
    [InlineData(
        "model_cfg.text_cfg.act_kwargs",
        "{\"approximate\":\"tanh\"}",
        " is given, but quick_gelu is true, which has no such option; leave one of them out.",
        true
    )]
    [InlineData(
        "model_cfg.text_cfg.tokenizer_kwargs",
        "{\"clean\":\"none\"}",
        ".clean is 'none'; only lower, whitespace, canonicalize are supported.",
        true
    )]
    [InlineData(
        "model_cfg.text_cfg.hf_model_name",
        "\"roberta-base\"",
        "is \"roberta-base\"; text towers of transformers are not supported."
    )]
    [InlineData(
        "model_cfg.vision_cfg.layers",
        "[3, 4, 6]",
        "is [3, 4, 6]; a ResNet has four layers of 1 to 1000 blocks, as in [3, 4, 6, 3]."
    )]
    public void Parse_KeyOfAnotherModel_IsRefusedWithItsValue(string path, string value, string expected, bool inside = false)
    {
        var refused = Assert.Throws<BadInputException>(() => ModelFolderConfig.Parse(OpenClipFile.With(path, value), "file"));
        Assert.Equal([$"file: {path}{(inside ? "" : " ")}{expected}"], refused.Errors);
    }
}
