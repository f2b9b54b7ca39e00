using System.Text.Json;
using ClipDistributed.Contracts.Models;
using ClipDistributed.Contracts.Spec.V1;
using ClipDistributed.Model;
using ClipDistributed.Model.Weights;
using ClipDistributed.Training.Optimization;

namespace ClipDistributed.Training.Tests.Optimization;

public sealed class DecayRuleTests
{
    [Theory]
    [InlineData(Decay.Ndim2, "ndim2")]
    [InlineData(Decay.OpenClipV4, "open_clip_v4")]
    public void AppliesTo_ReferenceModel_ListsWhatDecayedThere(Decay decay, string rule)
    {
        using var json = JsonDocument.Parse(File.ReadAllText(Fixtures.File("train/trajectory.json")));
        var expected = json
            .RootElement.GetProperty("runs")
            .GetProperty(rule)
            .GetProperty("decayed")
            .EnumerateArray()
            .Select(name => name.GetString()!);
        var decayed = ModelDeclaration
            .Of(Golden.Model("train/trajectory.json"))
            .Parameters.Where(shape => DecayRule.AppliesTo(shape, decay))
            .Select(shape => shape.Name);
        Assert.Equal(expected.Order(StringComparer.Ordinal), decayed.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void AppliesTo_Transformer_OpenClipExemptsThePositionsToo()
    {
        var shapes = ModelDeclaration.Of(ModelPresets.Find("tiny")!.Model).Parameters;
        var matrices = shapes.Where(shape => DecayRule.AppliesTo(shape, Decay.Ndim2)).Select(shape => shape.Name).ToHashSet();
        var openClip = shapes.Where(shape => DecayRule.AppliesTo(shape, Decay.OpenClipV4)).Select(shape => shape.Name).ToHashSet();
        Assert.Equal(["positional_embedding", "visual.positional_embedding"], matrices.Except(openClip).Order(StringComparer.Ordinal));
        Assert.Contains("token_embedding.weight", openClip);
        Assert.DoesNotContain("visual.class_embedding", openClip);
        Assert.All(shapes.Where(shape => shape.Shape.Length < 2), shape => Assert.DoesNotContain(shape.Name, matrices));
    }

    [Fact]
    public void AppliesTo_ResNet_ThePoolsPositionsDecayAsInOpenClip()
    {
        var pool = ModelDeclaration
            .Of(ModelPresets.Find("RN50")!.Model)
            .Parameters.Single(shape => shape.Name == "visual.attnpool.positional_embedding");
        Assert.True(DecayRule.AppliesTo(pool, Decay.OpenClipV4));
    }

    [Fact]
    public void AppliesTo_RuleLeftOpen_IsThePapers() =>
        Assert.All(
            ModelDeclaration.Of(ModelPresets.Find("tiny")!.Model).Parameters,
            shape => Assert.Equal(DecayRule.AppliesTo(shape, Decay.Ndim2), DecayRule.AppliesTo(shape, Decay.Unspecified))
        );
}
