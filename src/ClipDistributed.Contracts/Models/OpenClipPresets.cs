using ClipDistributed.Contracts.Models.Vision;

namespace ClipDistributed.Contracts.Models;

/// <summary>
/// OpenCLIP's other architectures (the files of its model_configs that our towers can build, under their names). Batch, length and
/// betas are the CLIP paper's; the learning rate is that of the paper's model nearest in size: up to ViT-B 5e-4, from ViT-L on 4e-4.
/// </summary>
internal static class OpenClipPresets
{
    private const double UpToB = 5e-4, FromL = 4e-4;

    private const string QuickGelu = "-quickgelu";

    /// <summary>The paper's models use quick-GELU anyway: under OpenCLIP's longer names they are the same.</summary>
    public static IEnumerable<ModelPreset> Aliases(IEnumerable<ModelPreset> paper) =>
        paper.Select(preset => preset with { Name = preset.Name + QuickGelu });

    public static IEnumerable<ModelPreset> All { get; } =
    [
        Vit("ViT-S-32", 384, 224, 32, 384, 12, Text(384), UpToB),
        Vit("ViT-S-16", 384, 224, 16, 384, 12, Text(384), UpToB),
        Vit("ViT-S-32-alt", 256, 224, 32, 384, 12, Text(256, layers: 10), UpToB),
        Vit("ViT-S-16-alt", 256, 224, 16, 384, 12, Text(256, layers: 10), UpToB),
        Vit("ViT-M-32", 512, 224, 32, 512, 12, Text(512), UpToB),
        Vit("ViT-M-16", 512, 224, 16, 512, 12, Text(512), UpToB),
        Vit("ViT-M-32-alt", 384, 224, 32, 512, 12, Text(384), UpToB),
        WithGains(Vit("ViT-M-16-alt", 384, 224, 16, 512, 12, Text(384), UpToB), 1e-4),
        Vit("ViT-B-32-256", 512, 256, 32, 768, 12, Text(512), UpToB),
        Vit("ViT-B-32-plus-256", 640, 256, 32, 896, 12, Text(640), UpToB),
        Vit("ViT-B-16-plus", 640, 224, 16, 896, 12, Text(640), UpToB),
        Vit("ViT-B-16-plus-240", 640, 240, 16, 896, 12, Text(640), UpToB),
        Vit("ViT-L-16", 768, 224, 16, 1024, 24, Text(768), FromL),
        Vit("ViT-L-16-320", 768, 320, 16, 1024, 24, Text(768), FromL),
        Vit("ViT-L-14-280", 768, 280, 14, 1024, 24, Text(768), FromL),
        Vit("ViT-H-16", 1024, 224, 16, 1280, 32, Text(1024, layers: 24), FromL, headWidth: 80),
        .. BothGelus(Vit("ViT-H-14", 1024, 224, 14, 1280, 32, Text(1024, layers: 24), FromL, headWidth: 80)),
        .. BothGelus(Vit("ViT-H-14-378", 1024, 378, 14, 1280, 32, Text(1024, layers: 24), FromL, headWidth: 80)),
        Vit("ViT-g-14", 1024, 224, 14, 1408, 40, Text(1024, layers: 24), FromL, headWidth: 88, mlpRatio: 4.3637),
        .. BothGelus(Vit("ViT-bigG-14", 1280, 224, 14, 1664, 48, Text(1280, layers: 32), FromL, headWidth: 104, mlpRatio: 4.9231)),
        Vit("ViT-e-14", 1280, 224, 14, 1792, 56, Text(1280, layers: 36), FromL, headWidth: 112, mlpRatio: 8.5715),
    ];

    private static ModelPreset Vit(
        string name, int embed, int size, int patch, int width, int layers, TextConfig text, double learningRate, int headWidth = 64,
        double mlpRatio = 4)
    {
        var vision = new VisionConfig
        {
            ImageSize = size, PatchSize = patch, Width = width, Layers = layers, HeadWidth = headWidth, MlpRatio = mlpRatio,
        };
        return ModelPreset.OfPaper(name, new ModelConfig { EmbedDim = embed, VisionCfg = vision, TextCfg = text }, learningRate);
    }

    private static TextConfig Text(int width, int layers = 12) => new() { Width = width, Heads = width / 64, Layers = layers };

    private static ModelPreset WithGains(ModelPreset preset, double gain) =>
        preset with { Model = preset.Model with { VisionCfg = preset.Model.VisionCfg with { LsInitValue = gain } } };

    private static IEnumerable<ModelPreset> BothGelus(ModelPreset preset) =>
        [preset, preset with { Name = preset.Name + QuickGelu, Model = preset.Model with { QuickGelu = true } }];
}
