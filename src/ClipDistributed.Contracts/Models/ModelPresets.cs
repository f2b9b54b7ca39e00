using ClipDistributed.Contracts.Models.Keys;
using ClipDistributed.Contracts.Models.Vision;

namespace ClipDistributed.Contracts.Models;

/// <summary>The architectures that a spec can name, and the hyper-parameters that belong to them.</summary>
public static class ModelPresets
{
    // CLIP, arXiv 2103.00020, tables 18 to 20; weights trained by OpenAI use quick-GELU.
    private static readonly ModelPreset[] OfThePaper =
    [
        Paper("RN50", ResNet(1024, 224, 64, [3, 4, 6, 3]), 512, 5e-4),
        Paper("RN101", ResNet(512, 224, 64, [3, 4, 23, 3]), 512, 5e-4),
        Paper("RN50x4", ResNet(640, 288, 80, [4, 6, 10, 6]), 640, 5e-4),
        Paper("RN50x16", ResNet(768, 384, 96, [6, 8, 18, 8]), 768, 4e-4),
        Paper("RN50x64", ResNet(1024, 448, 128, [3, 15, 36, 10]), 1024, 3.6e-4),
        Paper("ViT-B-32", Vit(512, 224, 32, 768, 12), 512, 5e-4),
        Paper("ViT-B-16", Vit(512, 224, 16, 768, 12), 512, 5e-4),
        Paper("ViT-L-14", Vit(768, 224, 14, 1024, 24), 768, 4e-4),
        // One more epoch of 400 M pairs at the higher resolution, from ViT-L-14's weights.
        Paper("ViT-L-14-336", Vit(768, 336, 14, 1024, 24), 768, 2e-5) with { Samples = 400_000_000 },
    ];

    public static IReadOnlyList<ModelPreset> All { get; } =
    [
        .. OfThePaper,
        new("small", Small(128, 64, 8, 192, 6, 64, 32, 8192, 192, 3, 4),
            GlobalBatch: 1024, Samples: 10_000_000, LearningRate: 1e-3, Beta2: 0.98, Epsilon: 1e-6, WarmupSteps: 200),
        new("tiny", Small(64, 32, 8, 128, 3, 32, 16, 512, 64, 2, 2),
            GlobalBatch: 256, Samples: 400_000, LearningRate: 2e-3, Beta2: 0.98, Epsilon: 1e-6, WarmupSteps: 100),
        .. OpenClipPresets.All,
        .. OpenClipPresets.Aliases(OfThePaper),
    ];

    public static ModelPreset? Find(string name) => All.FirstOrDefault(preset => preset.Name == name);

    /// <summary>The preset whose towers have the sizes of this model; null: none.</summary>
    public static ModelPreset? Matching(ModelConfig model) => All.FirstOrDefault(preset => preset.IsSizeOf(model));

    private static ModelPreset Paper(string name, (int Embed, VisionConfig Vision) model, int textWidth, double learningRate)
    {
        var text = new TextConfig { Width = textWidth, Heads = textWidth / 64 };
        return ModelPreset.OfPaper(
            name, new ModelConfig { EmbedDim = model.Embed, QuickGelu = true, VisionCfg = model.Vision, TextCfg = text }, learningRate);
    }

    private static (int Embed, VisionConfig Vision) ResNet(int embed, int size, int width, int[] layers) =>
        (embed, new VisionConfig { ImageSize = size, PatchSize = 0, Width = width, Layers = TowerLayers.ResNet(layers) });

    private static (int Embed, VisionConfig Vision) Vit(int embed, int size, int patch, int width, int layers) =>
        (embed, new VisionConfig { ImageSize = size, PatchSize = patch, Width = width, Layers = layers });

    private static ModelConfig Small(
        int embed,
        int size,
        int patch,
        int width,
        int layers,
        int headWidth,
        int context,
        int vocabulary,
        int textWidth,
        int textHeads,
        int textLayers
    ) =>
        new()
        {
            EmbedDim = embed,
            VisionCfg = new VisionConfig
            {
                ImageSize = size,
                PatchSize = patch,
                Width = width,
                Layers = layers,
                HeadWidth = headWidth,
            },
            TextCfg = new TextConfig
            {
                ContextLength = context,
                VocabSize = vocabulary,
                Width = textWidth,
                Heads = textHeads,
                Layers = textLayers,
            },
        };
}
