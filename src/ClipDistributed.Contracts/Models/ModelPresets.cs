namespace ClipDistributed.Contracts.Models;

/// <summary>The architectures that a spec can name, and the hyper-parameters that belong to them.</summary>
public static class ModelPresets
{
    public static IReadOnlyList<ModelPreset> All { get; } =
    [
        // CLIP, arXiv 2103.00020, tables 18 to 20; weights trained by OpenAI use quick-GELU.
        new("ViT-B-32", Vit(512, 224, 32, 768, 12, 64, 77, 49408, 512, 8, 12, quickGelu: true),
            GlobalBatch: 32768, Samples: 12_800_000_000, LearningRate: 5e-4, Beta2: 0.98, Epsilon: 1e-6, WarmupSteps: 2000),
        new("small", Vit(128, 64, 8, 192, 6, 64, 32, 8192, 192, 3, 4, quickGelu: false),
            GlobalBatch: 1024, Samples: 10_000_000, LearningRate: 1e-3, Beta2: 0.98, Epsilon: 1e-6, WarmupSteps: 200),
        new("tiny", Vit(64, 32, 8, 128, 3, 32, 16, 512, 64, 2, 2, quickGelu: false),
            GlobalBatch: 256, Samples: 400_000, LearningRate: 2e-3, Beta2: 0.98, Epsilon: 1e-6, WarmupSteps: 100),
    ];

    public static ModelPreset? Find(string name) => All.FirstOrDefault(preset => preset.Name == name);

    private static ModelConfig Vit(int embed, int size, int patch, int width, int layers, int headWidth,
        int context, int vocabulary, int textWidth, int textHeads, int textLayers, bool quickGelu) => new()
    {
        EmbedDim = embed,
        QuickGelu = quickGelu,
        VisionCfg = new VisionConfig { ImageSize = size, PatchSize = patch, Width = width, Layers = layers, HeadWidth = headWidth },
        TextCfg = new TextConfig { ContextLength = context, VocabSize = vocabulary, Width = textWidth, Heads = textHeads, Layers = textLayers },
    };
}

/// <summary>One named architecture and its recipe.</summary>
/// <param name="GlobalBatch">Pairs per step.</param>
/// <param name="Samples">Pairs seen in all.</param>
/// <param name="WarmupSteps">Steps of linear warm-up.</param>
public sealed record ModelPreset(string Name, ModelConfig Model, uint GlobalBatch, ulong Samples,
    double LearningRate, double Beta2, double Epsilon, uint WarmupSteps);
