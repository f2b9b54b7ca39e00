using ClipDistributed.Contracts.Models;
using ClipDistributed.Contracts.Models.Keys;
using ClipDistributed.Contracts.Models.Vision;
using ClipDistributed.Model;
using ClipDistributed.Model.Weights;
using TorchSharp;
using static TorchSharp.torch;

namespace ClipDistributed.TestKit.Tensors.Models;

/// <summary>Small models whose every parameter differs from its initial value, so that a forgotten bias or gain shows.</summary>
public static class SampleModel
{
    /// <summary>Sizes that differ wherever two could be mixed up.</summary>
    public static ModelConfig Config(int imageLayers = 2, int textLayers = 2, bool quickGelu = false) => new()
    {
        EmbedDim = 10,
        QuickGelu = quickGelu,
        VisionCfg = new VisionConfig { ImageSize = 12, PatchSize = 4, Width = 12, Layers = imageLayers, HeadWidth = 4 },
        TextCfg = new TextConfig { ContextLength = 9, VocabSize = 30, Width = 16, Heads = 2, Layers = textLayers, MlpRatio = 3 },
    };

    /// <summary>With a ResNet whose layers differ in their blocks; its last map has four places.</summary>
    public static ModelConfig ResNetConfig() => Config() with
    {
        VisionCfg = new VisionConfig { ImageSize = 64, PatchSize = 0, Width = 4, Layers = TowerLayers.ResNet(1, 2, 1, 1), HeadWidth = 32 },
    };

    /// <summary>SigLIP's towers: no class token, attention pooling; texts that see all tokens and are read at the last.</summary>
    public static ModelConfig SiglipConfig() => Config() with
    {
        VisionCfg = new VisionConfig
        {
            ImageSize = 12, TimmModelName = "vit_base_patch16_siglip_224", TimmPool = "map", TimmProj = "linear", TimmProjBias = true,
            TimmModelKwargs = new TimmKwargs { ImgSize = 12, PatchSize = 4, EmbedDim = 12, Depth = 2, NumHeads = 3, MlpRatio = 2 },
        },
        TextCfg = Config().TextCfg with
        {
            NoCausalMask = true, PoolType = TextConfig.LastToken, ProjBias = true, NormKwargs = new NormKwargs { Eps = 1e-6 },
        },
    };

    /// <summary>EVA-02's image tower; its grid has another side than the one that it was trained on.</summary>
    public static ModelConfig Eva02Config() => Config() with
    {
        VisionCfg = new VisionConfig
        {
            ImageSize = 12, TimmModelName = "eva02_base_patch16_clip_224", TimmPool = "token", TimmProj = "",
            TimmModelKwargs = new TimmKwargs { ImgSize = 12, PatchSize = 4, EmbedDim = 16, Depth = 3, NumHeads = 2 },
        },
    };

    /// <param name="device">Null: the CPU.</param>
    public static ClipModel Create(ModelConfig config, ulong seed = 1, Device? device = null)
    {
        var model = new ClipModel(config, device ?? CPU);
        model.Parameters.Initialize(seed);
        Disturb(model.Parameters, seed + 1);
        return model;
    }

    /// <summary>Adds a normal random number of deviation 0.1 to every element.</summary>
    public static void Disturb(ParameterSet parameters, ulong seed)
    {
        using var scope = NewDisposeScope();
        using var mode = no_grad();
        using var generator = new Generator(seed, CPU);
        foreach (var slot in parameters.Slots)
            slot.View(parameters.Flat).add_(randn(slot.Shape.Shape, generator: generator).to(parameters.Device), alpha: 0.1);
    }

    /// <summary>Rows of start id, words and end id (the largest), padded with 0.</summary>
    /// <param name="lengths">Ids of each row, start and end included.</param>
    public static int[] Texts(TextConfig config, Random random, params int[] lengths)
    {
        int[] ids = new int[lengths.Length * config.ContextLength];
        for (int row = 0; row < lengths.Length; row++)
        {
            var text = ids.AsSpan(row * config.ContextLength, lengths[row]);
            for (int i = 0; i < text.Length; i++)
                text[i] = random.Next(1, config.VocabSize - 2);
            text[0] = config.VocabSize - 2;
            text[^1] = config.VocabSize - 1;
        }
        return ids;
    }
}
