using System.Text.Json.Nodes;
using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Models;
using ClipDistributed.Contracts.Models.Vision;

namespace ClipDistributed.Contracts.Tests.Models.Vision;

public sealed class TimmTransformerFormTests
{
    private const string Siglip = """
        {"embed_dim": 768, "init_logit_bias": -10, "custom_text": true,
         "vision_cfg": {"image_size": 224, "timm_model_name": "vit_base_patch16_siglip_224", "timm_model_pretrained": false,
                        "timm_pool": "map", "timm_proj": "none"},
         "text_cfg": {"context_length": 64, "vocab_size": 32000, "hf_tokenizer_name": "any",
                      "tokenizer_kwargs": {"clean": "canonicalize"}, "width": 768, "heads": 12, "layers": 12,
                      "no_causal_mask": true, "proj_bias": true, "pool_type": "last", "norm_kwargs": {"eps": 1e-6}}}
        """;

    private const string Eva02 = """
        {"embed_dim": 512, "custom_text": true,
         "vision_cfg": {"image_size": 224, "timm_model_name": "eva02_base_patch16_clip_224", "timm_pool": "token", "timm_proj": null},
         "text_cfg": {"context_length": 77, "vocab_size": 49408, "width": 512, "heads": 8, "layers": 12}}
        """;

    [Fact]
    public void ParseModel_SigLip_IsReadWhole()
    {
        var model = ModelFolderConfig.ParseModel(Siglip, "file");
        var form = Assert.IsType<TimmTransformerForm>(model.VisionCfg.Form);
        Assert.Equal((TimmFamily.Siglip, 768, 12, 12, 14, 3072), Sizes(form));
        Assert.Equal((TimmTransformerForm.NoProjection, false), (form.Projection, form.TanhGelu));
        var text = model.TextCfg;
        Assert.Equal(TokenizerKwargs.Canonicalize, text.TokenizerKwargs!.Clean);
        Assert.Equal((true, true, TextConfig.LastToken, 1e-6), (text.NoCausalMask, text.ProjBias, text.PoolType, text.NormKwargs!.Eps));
        Assert.Equal(model, ModelFolderConfig.Parse(new ModelFolderConfig { ModelCfg = model }.ToJson(), "written").ModelCfg);
    }

    [Fact]
    public void ParseModel_Eva02_HasTheHeadOfItsOwn()
    {
        var model = ModelFolderConfig.ParseModel(Eva02, "file");
        var form = Assert.IsType<TimmTransformerForm>(model.VisionCfg.Form);
        Assert.Equal((TimmFamily.Eva02, 768, 12, 12, 14, 2048), Sizes(form));
        Assert.Equal(TimmTransformerForm.OwnHead, form.Projection);
        Assert.Equal(model, ModelFolderConfig.Parse(new ModelFolderConfig { ModelCfg = model }.ToJson(), "written").ModelCfg);
        Assert.Equal("linear", Assert.IsType<TimmTransformerForm>(With(Eva02, "vision_cfg.timm_proj", null).VisionCfg.Form).Projection);
    }

    [Fact]
    public void ParseModel_KeysOfOpenClipsOwnTransformer_AreNotLookedAt()
    {
        var model = ModelFolderConfig.ParseModel(Eva02, "file");
        Assert.Equal(model, With(Eva02, "vision_cfg.layers", "99"));
        Assert.Equal(model, With(Eva02, "vision_cfg.width", "7"));
    }

    [Theory]
    [InlineData(
        "timm_model_name",
        "\"convnext_base\"",
        "vision_cfg.timm_model_name is \"convnext_base\"; of timm only vit_base_patch32_siglip_256, "
    )]
    [InlineData("timm_model_pretrained", "true", "vision_cfg.timm_model_pretrained is true; only false is supported")]
    [InlineData("timm_pool", "\"avg\"", "vision_cfg.timm_pool is 'avg'; vit_base_patch16_siglip_224 is supported with map only.")]
    [InlineData("timm_pool", null, "vision_cfg.timm_pool is 'avg'; vit_base_patch16_siglip_224 is supported with map only.")]
    [InlineData("timm_proj", "\"mlp\"", "vision_cfg.timm_proj is 'mlp'; use linear, none, or null for the tower's own head.")]
    [InlineData("image_size", "256", "vision_cfg.image_size is 256, but the tower takes 224; set timm_model_kwargs.img_size to 256.")]
    [InlineData("timm_drop_path", "0.1", "vision_cfg.timm_drop_path is 0.1; only 0 is supported.")]
    [InlineData("timm_model_kwargs", "{\"depth\": 0}", "vision_cfg.timm_model_kwargs.depth is 0; use 1 to 1048576.")]
    [InlineData("timm_model_kwargs", "{\"depth\": \"2\"}", "vision_cfg.timm_model_kwargs.depth is \"2\"; give a whole number.")]
    [InlineData(
        "timm_model_kwargs",
        "{\"num_heads\": 7}",
        "vision_cfg.timm_model_kwargs.num_heads is 7, which does not divide embed_dim 768; choose a divisor."
    )]
    [InlineData(
        "timm_model_kwargs",
        "{\"patch_size\": 225}",
        "vision_cfg.timm_model_kwargs.patch_size is 225, larger than image_size 224; choose a smaller one."
    )]
    [InlineData(
        "timm_model_kwargs",
        "{\"init_values\": 1}",
        "vision_cfg.timm_model_kwargs.init_values is 1; no such key is supported, use img_size, patch_size, "
    )]
    [InlineData(
        "timm_model_kwargs",
        "{\"embed_dim\": 384}",
        "vision_cfg.timm_proj is 'none', so that the features are as wide as the tower, 384; but embed_dim is 768."
    )]
    [InlineData("timm_model_kwargs", "[]", "vision_cfg.timm_model_kwargs is []; give an object of keys and values.")]
    public void ParseModel_WhatCannotBeBuilt_NamesItsKey(string key, string? value, string expected)
    {
        var refused = Assert.Throws<BadInputException>(() => With(Siglip, $"vision_cfg.{key}", value));
        Assert.StartsWith($"file: {expected}", Assert.Single(refused.Errors));
    }

    [Fact]
    public void ParseModel_HeadsThatCannotBeRotated_AreRefused()
    {
        var refused = Assert.Throws<BadInputException>(() => With(Eva02, "vision_cfg.timm_model_kwargs", "{\"num_heads\": 128}"));
        Assert.Equal(
            ["file: vision_cfg.timm_model_kwargs.num_heads is 128, which makes heads 6 wide; rotary positions need a multiple of 4."],
            refused.Errors
        );
    }

    [Theory]
    [InlineData("pool_type", "\"eos\"", "text_cfg.eos_id is missing; pool_type eos reads the feature there")]
    [InlineData(
        "proj_type",
        "\"none\"",
        "text_cfg.proj_type is 'none', so that the features are as wide as the tower, 512; but embed_dim is 1024."
    )]
    public void ParseModel_TextKeyThatNeedsAnother_SaysWhich(string key, string value, string expected)
    {
        var model = JsonNode.Parse(new ModelFolderConfig { ModelCfg = ModelPresets.Find("RN50")!.Model }.ToJson())!["model_cfg"]!;
        var refused = Assert.Throws<BadInputException>(() => With(model.ToJsonString(), $"text_cfg.{key}", value));
        Assert.StartsWith($"file: {expected}", Assert.Single(refused.Errors));
    }

    [Fact]
    public void ParseModel_EosWithItsId_IsReadBack()
    {
        var model = JsonNode.Parse(new ModelFolderConfig { ModelCfg = ModelPresets.Find("RN50")!.Model }.ToJson())!["model_cfg"]!;
        model["text_cfg"]!["eos_id"] = 2;
        var read = With(model.ToJsonString(), "text_cfg.pool_type", "\"eos\"");
        Assert.Equal((TextConfig.EndOfText, 2), (read.TextCfg.PoolType, read.TextCfg.EosId));
        Assert.Equal(read, ModelFolderConfig.Parse(new ModelFolderConfig { ModelCfg = read }.ToJson(), "written").ModelCfg);
        model["text_cfg"]!["eos_id"] = 49408;
        Assert.Contains("text_cfg.eos_id is 49408; use 0 to vocab_size − 1 = 49407.",
            Assert.Throws<BadInputException>(() => With(model.ToJsonString(), "text_cfg.pool_type", "\"eos\"")).Message);
    }

    private static (TimmFamily, int, int, int, int, int) Sizes(TimmTransformerForm form) =>
        (form.Family, form.Width, form.Blocks, form.Heads, form.GridSide, form.Inner);

    /// <param name="value">JSON; null: the key is left out.</param>
    private static ModelConfig With(string model, string path, string? value)
    {
        var root = JsonNode.Parse(model)!;
        string[] keys = path.Split('.');
        var part = root[keys[0]]!.AsObject();
        part.Remove(keys[1]);
        if (value is not null)
            part[keys[1]] = JsonNode.Parse(value);
        return ModelFolderConfig.ParseModel(root.ToJsonString(), "file");
    }
}
