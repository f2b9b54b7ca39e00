using ClipDistributed.Contracts.Models;
using ClipDistributed.Model.Towers;
using TorchSharp;
using static TorchSharp.torch;

namespace ClipDistributed.Model.Tests.Towers;

/// <summary>The keys of "text_cfg" that change what is computed, against a tower written as the papers write it.</summary>
public sealed class TextOptionsTests
{
    public static TheoryData<TextConfig> Options { get; } =
    [
        new TextConfig { NoCausalMask = true },
        new TextConfig { PoolType = TextConfig.FirstToken, NoCausalMask = true },
        new TextConfig { PoolType = TextConfig.LastToken },
        new TextConfig { NoCausalMask = true, PoolType = TextConfig.LastToken, ProjBias = true, NormKwargs = new() { Eps = 1e-2 } },
        new TextConfig { PoolType = TextConfig.EndOfText, EosId = 5 },
        new TextConfig { ProjType = TextConfig.NoProjection, ActKwargs = new ActKwargs { Approximate = ActKwargs.Tanh } },
    ];

    [Theory]
    [MemberData(nameof(Options))]
    public void Forward_EveryOption_GivesTheFeaturesAndGradientsOfThePlainTower(TextConfig options)
    {
        using var scope = NewDisposeScope();
        var usual = SampleModel.Config();
        var sizes = usual.TextCfg;
        var config = usual with
        {
            EmbedDim = options.ProjType is null ? usual.EmbedDim : sizes.Width,
            TextCfg = options with
            {
                ContextLength = sizes.ContextLength, VocabSize = sizes.VocabSize,
                Width = sizes.Width, Heads = sizes.Heads, Layers = sizes.Layers,
            },
        };
        using var model = SampleModel.Create(config);
        var plain = new PlainTowers(model);
        int[] ids = SampleModel.Texts(sizes, new Random(3), 3, 6, 9, 2);
        ids[1] = 5; // an end of text for pool_type eos; the other rows may have none

        Golden.AssertClose(plain.Texts(ids), Fast(), 1e-5, 1e-4, "text features");
        var expected = Gradients(plain.Texts(ids));
        foreach (var (name, gradient) in Gradients(Fast()))
            Golden.AssertClose(expected[name], gradient, 1e-4 * expected[name].abs().max().ToDouble() + 1e-6, 0, name);

        Tensor Fast() => model.Texts.Forward(TextInput.From(ids, config.TextCfg, CPU));

        Dictionary<string, Tensor> Gradients(Tensor features)
        {
            var names = model.Parameters.Slots.Select(slot => slot.Shape.Name)
                .Where(name => !name.StartsWith("visual.", StringComparison.Ordinal) && name != "logit_scale").ToList();
            foreach (string name in names)
                model.Parameters[name].grad = null;
            features.square().sum().backward();
            return names.ToDictionary(name => name, name => model.Parameters[name].grad!.clone());
        }
    }
}
