using ClipDistributed.Contracts.Models;
using ClipDistributed.Contracts.Models.Keys;
using ClipDistributed.Contracts.Models.Vision;
using ClipDistributed.Model;
using ClipDistributed.Training.Memory;

namespace ClipDistributed.Training.Tests.Memory;

public sealed class TowerMemoryTests
{
    [Fact]
    public void Of_TwoBlocks_CountsWhatEachKeeps()
    {
        // 4 tokens of width 8, inner layer 16, 2 heads. A whole block keeps 8·8 + 2·16 + 2 + 4 = 102 numbers of a token; the last
        // one input, norm, keys and values (4·8) of every token, and all 102 of the one that is read.
        var memory = OfText(Model(new TextConfig { ContextLength = 4, VocabSize = 9, Width = 8, Heads = 2, Layers = 2, MlpRatio = 2 }));
        Assert.Equal(4 * 102 + 4 * 32 + 102, memory.Kept);
        Assert.True(memory.Peak > memory.Kept && memory.WithoutGraph < memory.Kept);
    }

    [Fact]
    public void Of_HalfPrecision_CountsTheInputsOfNormsTwice()
    {
        // Of a whole block two norms of width 8 for each token; of the last one the first norm for each, and both for the one that is
        // read.
        var text = new TextConfig { ContextLength = 4, VocabSize = 9, Width = 8, Heads = 2, Layers = 2, MlpRatio = 2 };
        var layers = ModelDeclaration.Of(Model(text)).TextMemory.ToList();
        Assert.Equal(TowerMemory.Of(layers).Kept + 4 * 16 + (4 * 8 + 16), TowerMemory.Of(layers, half: true).Kept);
    }

    [Fact]
    public void Of_QuickGelu_KeepsTheSigmoidToo()
    {
        var text = new TextConfig { ContextLength = 4, VocabSize = 9, Width = 8, Heads = 2, Layers = 2, MlpRatio = 2 };
        Assert.Equal(OfText(Model(text)).Kept + (4 + 1) * 16, OfText(Model(text) with { QuickGelu = true }).Kept);
    }

    [Fact]
    public void Of_ResNet50_KeepsTwoMapsOfEachConvolution()
    {
        // The stem: 32·112² of two convolutions and 64·112² of the third, twice each, and its average 64·56².
        const long stem = 3 * 224 * 224 + 2 * (32 + 32 + 64) * 112 * 112 + 64 * 56 * 56;
        var model = ModelPresets.Find("RN50")!.Model;
        long all = OfImage(model).Kept;
        long lessOneBlock = OfImage(model with { VisionCfg = model.VisionCfg with { Layers = TowerLayers.ResNet(2, 4, 6, 3) } }).Kept;
        Assert.Equal(4 * 64 * 56 * 56 + 2 * 256 * 56 * 56, all - lessOneBlock); // a block without stride
        Assert.InRange(all, 4 * stem, 8 * stem);
    }

    [Fact]
    public void Of_LargerImage_GrowsWithItsTokens()
    {
        var model = ModelPresets.Find("ViT-L-14")!.Model;
        double ratio = (double)OfImage(ModelPresets.Find("ViT-L-14-336")!.Model).Kept / OfImage(model).Kept;
        Assert.Equal(577.0 / 257, ratio, 0.01);
    }

    private static TowerMemory OfImage(ModelConfig model) => TowerMemory.Of(ModelDeclaration.Of(model).ImageMemory);

    private static TowerMemory OfText(ModelConfig model) => TowerMemory.Of(ModelDeclaration.Of(model).TextMemory);

    private static ModelConfig Model(TextConfig text) => new()
    {
        EmbedDim = 4, VisionCfg = new VisionConfig { ImageSize = 4, PatchSize = 2, Width = 4, Layers = 1, HeadWidth = 2 }, TextCfg = text,
    };
}
