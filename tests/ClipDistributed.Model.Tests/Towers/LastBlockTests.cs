using ClipDistributed.Model.Towers;
using TorchSharp;
using static TorchSharp.torch;

namespace ClipDistributed.Model.Tests.Towers;

/// <summary>The last block computes one token of each row; nothing may change by that.</summary>
public sealed class LastBlockTests
{
    [Theory]
    [InlineData(1, 1, false)] // the last block is the only one
    [InlineData(2, 3, false)]
    [InlineData(3, 2, true)]
    public void Forward_LastBlockForOneToken_EqualsWholeBlocksInFeaturesAndGradients(int imageLayers, int textLayers, bool quickGelu)
    {
        using var scope = NewDisposeScope();
        var config = SampleModel.Config(imageLayers, textLayers, quickGelu);
        using var model = SampleModel.Create(config);
        using var generator = new Generator(9, CPU);
        var images = randn([5, 3, config.VisionCfg.ImageSize, config.VisionCfg.ImageSize], generator: generator);
        int[] ids = SampleModel.Texts(config.TextCfg, new Random(4), 3, 7, 2, 8, 5);
        var imageGradient = randn([5, config.EmbedDim], generator: generator);
        var textGradient = randn([5, config.EmbedDim], generator: generator);

        var plain = new PlainTowers(model);
        var (plainImages, plainTexts) = (plain.Images(images), plain.Texts(ids));
        var expected = Gradients(model, (plainImages * imageGradient).sum() + (plainTexts * textGradient).sum());
        var (fastImages, fastTexts) = (model.Images.Forward(images), model.Texts.Forward(TextInput.From(ids, config.TextCfg, CPU)));
        var actual = Gradients(model, (fastImages * imageGradient).sum() + (fastTexts * textGradient).sum());

        Golden.AssertClose(plainImages, fastImages, 2e-6, 1e-5, "image features");
        Golden.AssertClose(plainTexts, fastTexts, 2e-6, 1e-5, "text features");
        foreach (var (name, gradient) in expected)
            Golden.AssertClose(gradient, actual[name], Math.Max(1e-5 * gradient.abs().max().ToDouble(), 1e-5), 0, name);
    }

    /// <summary>Of every parameter but logit_scale, which the towers do not have.</summary>
    private static Dictionary<string, Tensor> Gradients(ClipModel model, Tensor loss)
    {
        var names = model.Parameters.Slots.Select(slot => slot.Shape.Name).Where(name => name != "logit_scale").ToList();
        foreach (string name in names)
            model.Parameters[name].grad = null;
        loss.backward();
        return names.ToDictionary(name => name, name => model.Parameters[name].grad!.clone());
    }
}
