using ClipDistributed.Contracts.Models;
using ClipDistributed.Contracts.Models.Vision;
using ClipDistributed.Model.Safetensors;
using ClipDistributed.Model.Weights;
using TorchSharp;
using static TorchSharp.torch;

namespace ClipDistributed.Model.Tests.Towers;

public sealed class ModelDeclarationTests
{
    [Theory]
    [InlineData("RN50", 102.01)]
    [InlineData("RN101", 119.69)]
    [InlineData("RN50x4", 178.30)]
    [InlineData("RN50x16", 290.98)]
    [InlineData("RN50x64", 623.26)]
    [InlineData("ViT-B-32", 151.28)]
    [InlineData("ViT-B-16", 149.62)]
    [InlineData("ViT-L-14", 427.62)]
    [InlineData("ViT-L-14-336", 427.94)]
    public void Of_ModelOfThePaper_HasThePublishedNumberOfParameters(string preset, double millions) =>
        Assert.Equal(millions, Math.Round(ModelDeclaration.Of(ModelPresets.Find(preset)!.Model).Count / 1e6, 2));

    /// <summary>The published figures count all tokens of the last blocks, of which ours computes one.</summary>
    /// <param name="published">GFLOPs of the forward pass of an image and a text, as OpenCLIP's model profile lists them.</param>
    [Theory]
    [InlineData("RN50", 18.18)]
    [InlineData("RN101", 25.5)]
    [InlineData("RN50x4", 51.82)]
    [InlineData("RN50x16", 162.69)]
    [InlineData("ViT-B-32", 14.78)]
    [InlineData("ViT-B-16", 41.09)]
    [InlineData("ViT-L-14", 175.33)]
    [InlineData("ViT-L-14-336", 395.22)]
    [InlineData("ViT-H-14", 381.68)]
    public void Flops_PublishedModel_AreAFewPerCentBelow(string preset, double published)
    {
        var config = ModelPresets.Find(preset)!.Model;
        var declared = ModelDeclaration.Of(config);
        double ours = (declared.ImageFlops + declared.TextFlops(config.TextCfg.ContextLength)) / 1e9;
        Assert.InRange(ours / published, 0.9, 1);
    }

    [Fact]
    public void TextFlops_ShorterText_NeedsFewer()
    {
        var declared = ModelDeclaration.Of(ModelPresets.Find("ViT-B-32")!.Model);
        Assert.InRange(declared.TextFlops(7) / declared.TextFlops(77), 0.05, 7.0 / 77);
    }

    [Theory]
    [InlineData("ViT-S-32-alt", 43.22)]
    [InlineData("ViT-S-32", 63.09)]
    [InlineData("ViT-M-32-alt", 80.07)]
    [InlineData("ViT-M-32", 103.12)]
    [InlineData("ViT-S-16-alt", 42.40)]
    [InlineData("ViT-S-16", 62.26)]
    [InlineData("ViT-B-32-quickgelu", 151.28)]
    [InlineData("ViT-B-32-256", 151.29)]
    [InlineData("RN50-quickgelu", 102.01)]
    [InlineData("ViT-M-16-alt", 78.98)]
    [InlineData("ViT-M-16", 102.02)]
    [InlineData("ViT-B-32-plus-256", 210.30)]
    [InlineData("ViT-B-16-plus", 208.35)]
    [InlineData("ViT-B-16-plus-240", 208.38)]
    [InlineData("ViT-L-16", 427.74)]
    [InlineData("ViT-L-14-280", 427.76)]
    [InlineData("ViT-L-16-320", 427.95)]
    [InlineData("ViT-L-14-336-quickgelu", 427.94)]
    [InlineData("ViT-H-16", 986.26)]
    [InlineData("ViT-H-14", 986.11)]
    [InlineData("ViT-H-14-quickgelu", 986.11)]
    [InlineData("ViT-H-14-378-quickgelu", 986.71)]
    [InlineData("ViT-g-14", 1366.68)]
    [InlineData("ViT-bigG-14", 2539.57)]
    [InlineData("ViT-e-14", 4581.09)]
    public void Of_ModelOfOpenClip_HasThePublishedNumberOfParameters(string preset, double millions) =>
        Of_ModelOfThePaper_HasThePublishedNumberOfParameters(preset, millions);

    [Theory]
    [InlineData("eva02_base_patch16_clip_224", 224, 512, 149.69)]
    [InlineData("eva02_large_patch14_clip_224", 224, 768, 427.76)]
    [InlineData("eva02_large_patch14_clip_336", 336, 768, 428.08)]
    public void Of_Eva02_HasThePublishedNumberOfParameters(string name, int side, int embed, double millions) =>
        Assert.Equal(millions, Millions(new ModelConfig
        {
            EmbedDim = embed,
            VisionCfg = new VisionConfig { ImageSize = side, TimmModelName = name, TimmPool = "token", TimmProj = "" },
            TextCfg = new TextConfig { Width = embed, Heads = embed / 64 },
        }));

    [Theory]
    [InlineData("vit_base_patch16_siglip_224", 224, 768, 12, 64, 203.16)]
    [InlineData("vit_base_patch16_siglip_512", 512, 768, 12, 64, 203.79)]
    [InlineData("vit_large_patch16_siglip_384", 384, 1024, 24, 64, 652.48)]
    [InlineData("vit_so400m_patch14_siglip_224", 224, 1152, 27, 16, 877.36)]
    [InlineData("vit_so400m_patch14_siglip_384", 384, 1152, 27, 64, 877.96)] // its patches leave six pixels over
    public void Of_SigLip_HasThePublishedNumberOfParameters(string name, int side, int width, int layers, int context, double millions) =>
        Assert.Equal(millions, Millions(new ModelConfig
        {
            EmbedDim = width,
            InitLogitBias = -10,
            VisionCfg = new VisionConfig { ImageSize = side, TimmModelName = name, TimmPool = "map", TimmProj = "none" },
            TextCfg = new TextConfig
            {
                ContextLength = context, VocabSize = 32000, Width = width, Heads = 16, Layers = layers,
                MlpRatio = layers == 27 ? 3.7362 : 4, ProjBias = true, NoCausalMask = true,
            },
        }));

    private static double Millions(ModelConfig config) => Math.Round(ModelDeclaration.Of(config).Count / 1e6, 2);

    [Fact]
    public void Of_VitB32_HasThePublishedNumberOfParametersExactly() =>
        Assert.Equal(151_277_313, ModelDeclaration.Of(ModelPresets.Find("ViT-B-32")!.Model).Count);

    [Theory]
    [InlineData("vit_gelu")]
    [InlineData("vit_quickgelu")]
    [InlineData("siglip_map")]
    [InlineData("eva02")]
    [InlineData("resnet_quickgelu")]
    public void Of_ReferenceConfig_ListsTheNamesAndShapesOfTheReferencesStateDict(string name)
    {
        using var weights = SafetensorsFile.Open(Fixtures.File($"models/{name}.weights.safetensors"));
        var expected = weights.Entries.Values.Select(entry =>
            $"{entry.Name.Replace("text.", "", StringComparison.Ordinal)} [{string.Join(", ", entry.Shape)}]"
        );
        var model = ModelDeclaration.Of(Golden.Model($"models/{name}.json"));
        var listed = model
            .Parameters.Select(parameter => $"{parameter.Name} [{string.Join(", ", parameter.Shape)}]")
            .Concat(
                model.BatchNorms.SelectMany(norm =>
                    new[]
                    {
                        $"{norm.Name}.running_mean [{norm.Channels}]",
                        $"{norm.Name}.running_var [{norm.Channels}]",
                        $"{norm.Name}.num_batches_tracked []",
                    }
                )
            );
        Assert.Equal(expected.Order(StringComparer.Ordinal), listed.Order(StringComparer.Ordinal));
    }

    /// <summary>CLIP's formulas, by the end of the name; a matrix whose formula is not listed here fails.</summary>
    [Fact]
    public void Initialize_EveryParameter_FollowsItsFormula()
    {
        using var scope = NewDisposeScope();
        var config = ModelPresets.Find("small")!.Model with
        {
            TextCfg = ModelPresets.Find("small")!.Model.TextCfg with { Width = 128, Heads = 2 },
        };
        using var parameters = new ParameterSet(ModelDeclaration.Of(config).Parameters, CPU);
        parameters.Initialize(7);
        foreach (var slot in parameters.Slots)
        {
            string name = slot.Shape.Name;
            double deviation = Deviation(name, config);
            var value = parameters[name].detach().to(ScalarType.Float64);
            if (deviation == 0)
            {
                double constant = name == "logit_scale" ? Math.Log(1 / 0.07) : name.EndsWith(".weight", StringComparison.Ordinal) ? 1 : 0;
                Assert.True((value - constant).abs().max().ToDouble() < 1e-6, $"{name} is not {constant}");
                continue;
            }
            double count = slot.Shape.Count, mean = value.mean().ToDouble(), spread = value.square().mean().sqrt().ToDouble();
            Assert.True(Math.Abs(mean) < 5 * deviation / Math.Sqrt(count), $"{name}: mean {mean}");
            Assert.True(Math.Abs(spread / deviation - 1) < 5 / Math.Sqrt(2 * count), $"{name}: deviation {spread} instead of {deviation}");
        }
    }

    [Fact]
    public void Initialize_SameSeed_GivesTheSameBitsOnAnyNumberOfThreads()
    {
        int threads = get_num_threads();
        var config = ModelPresets.Find("small")!.Model;
        using var one = new ParameterSet(ModelDeclaration.Of(config).Parameters, CPU);
        using var two = new ParameterSet(ModelDeclaration.Of(config).Parameters, CPU);
        try
        {
            set_num_threads(1);
            one.Initialize(3);
            set_num_threads(2);
            two.Initialize(3);
        }
        finally
        {
            set_num_threads(threads);
        }
        Golden.AssertSameBits(one.Flat, two.Flat, "weights");
    }

    [Fact]
    public void Initialize_OtherSeed_ChangesEveryDrawnParameter()
    {
        using var scope = NewDisposeScope();
        var config = SampleModel.Config();
        using var one = new ParameterSet(ModelDeclaration.Of(config).Parameters, CPU);
        using var two = new ParameterSet(ModelDeclaration.Of(config).Parameters, CPU);
        one.Initialize(3);
        two.Initialize(4);
        foreach (var slot in one.Slots.Where(slot => slot.Shape.Initial.Deviation > 0))
            Assert.True((one[slot.Shape.Name] - two[slot.Shape.Name]).abs().min().ToDouble() > 0, slot.Shape.Name);
    }

    [Fact]
    public void ParameterSet_EachParameter_IsAnAlignedViewOfTheFlatVector()
    {
        using var scope = NewDisposeScope();
        using var parameters = new ParameterSet(ModelDeclaration.Of(SampleModel.Config()).Parameters, CPU);
        long expectedOffset = 0;
        foreach (var slot in parameters.Slots.OrderBy(slot => slot.Offset))
        {
            Assert.Equal(expectedOffset, slot.Offset);
            Assert.Equal(0, slot.Padded % 16);
            Assert.InRange(slot.Padded - slot.Shape.Count, 0, 15);
            expectedOffset += slot.Padded;
            using var mode = no_grad();
            parameters[slot.Shape.Name].fill_(1);
        }
        Assert.Equal(expectedOffset, parameters.Flat.shape[0]);
        // Ones in the parameters and zeros between them: no parameter reaches into another.
        Assert.Equal(parameters.Count, parameters.Flat.sum(ScalarType.Float64).ToDouble());
    }

    private static double Deviation(string name, ModelConfig config)
    {
        bool image = name.StartsWith("visual.", StringComparison.Ordinal);
        double width = image ? config.VisionCfg.Width : config.TextCfg.Width;
        double layers = image ? config.VisionCfg.Layers.Total : config.TextCfg.Layers;
        string end = name.Contains("resblocks.") ? string.Join('.', name.Split('.').SkipWhile(part => part != "resblocks").Skip(2)) : name;
        return end switch
        {
            "token_embedding.weight" => 0.02,
            "positional_embedding" => 0.01,
            "visual.class_embedding" or "visual.positional_embedding" or "visual.proj" => Math.Pow(width, -0.5),
            "text_projection" => Math.Pow(width, -0.5),
            // that of a uniform number in ±1/√fan_in
            "visual.conv1.weight" => Math.Sqrt(1.0 / 3) / (config.VisionCfg.PatchSize * Math.Sqrt(3)),
            "attn.in_proj_weight" => Math.Pow(width, -0.5),
            "attn.out_proj.weight" or "mlp.c_proj.weight" => Math.Pow(width, -0.5) * Math.Pow(2 * layers, -0.5),
            "mlp.c_fc.weight" => Math.Pow(2 * width, -0.5),
            _ => 0,
        };
    }
}
