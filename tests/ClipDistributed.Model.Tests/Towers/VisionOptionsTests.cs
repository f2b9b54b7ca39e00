using TorchSharp;
using static TorchSharp.torch;

namespace ClipDistributed.Model.Tests.Towers;

/// <summary>The keys of a transformer's config that change what is computed, against towers written as the papers write them.</summary>
public sealed class VisionOptionsTests
{
    [Theory]
    [InlineData("tok", false, false, null)]
    [InlineData("tok", true, true, 0.5)]
    [InlineData("avg", false, false, null)]
    [InlineData("avg", true, false, 0.5)]
    [InlineData("avg", true, true, null)]
    public void Forward_EveryOption_GivesTheFeaturesAndGradientsOfThePlainTower(
        string pool,
        bool normAfterPool,
        bool noNormBefore,
        double? gain
    )
    {
        using var scope = NewDisposeScope();
        var usual = SampleModel.Config();
        var config = usual with
        {
            VisionCfg = usual.VisionCfg with
            {
                PoolType = pool,
                FinalLnAfterPool = normAfterPool,
                NoLnPre = noNormBefore,
                LsInitValue = gain,
            },
            TextCfg = usual.TextCfg with { LsInitValue = gain },
        };
        using var model = SampleModel.Create(config);
        var plain = new PlainTowers(model);
        var images = randn([3, 3, 12, 12]);
        int[] ids = SampleModel.Texts(config.TextCfg, new Random(1), 3, 9, 5);

        Golden.AssertClose(plain.Images(images), model.Images.Forward(images), 1e-5, 1e-4, "image features");
        Golden.AssertClose(
            plain.Texts(ids),
            model.Texts.Forward(Model.Towers.TextInput.From(ids, config.TextCfg, CPU)),
            1e-5,
            1e-4,
            "text features"
        );

        plain.Images(images).square().sum().backward();
        var expected = model.Parameters.Slots.ToDictionary(
            slot => slot.Shape.Name,
            slot => model.Parameters[slot.Shape.Name].grad?.clone()
        );
        foreach (var slot in model.Parameters.Slots)
            model.Parameters[slot.Shape.Name].grad?.zero_();
        model.Images.Forward(images).square().sum().backward();
        foreach (var (name, gradient) in expected.Where(item => item.Value is not null))
            Golden.AssertClose(gradient!, model.Parameters[name].grad!, 1e-4 * gradient!.abs().max().ToDouble() + 1e-6, 0, name);
    }
}
