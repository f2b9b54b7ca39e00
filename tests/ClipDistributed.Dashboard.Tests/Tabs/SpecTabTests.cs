using ClipDistributed.Contracts.Spec;
using ClipDistributed.Contracts.Spec.V1;
using ClipDistributed.Dashboard.Tabs;

namespace ClipDistributed.Dashboard.Tests.Tabs;

public sealed class SpecTabTests
{
    private readonly TrainingSpec least = new()
    {
        Name = "demo", Data = new DataSpec { Train = { new SourceSpec { Path = "/data" } } }, Model = new ModelSpec { Preset = "tiny" },
        RunDirectory = "/runs/demo",
    };

    [Fact]
    public void DifferencesOf_SpecOfDefaults_AreNone() => Assert.Empty(SpecTab.DifferencesOf(SpecDefaults.Fill(least))!);

    [Fact]
    public void DifferencesOf_ChangedValues_NameBoth()
    {
        var spec = SpecDefaults.Fill(least);
        spec.Optimizer.WarmupSteps = 7;
        spec.Data.ShuffleBlock = 6;
        var found = SpecTab.DifferencesOf(spec)!;
        Assert.Equal(["data.shuffle_block", "optimizer.warmup_steps"], found.Select(one => one.Field));
        Assert.Equal("7", found[1].Now);
        Assert.NotEqual("7", found[1].Before);
    }

    [Fact]
    public void DifferencesOf_ModelOfAFile_AreNotKnown() =>
        Assert.Null(SpecTab.DifferencesOf(new TrainingSpec(least) { Model = new ModelSpec { InitFrom = "/models/b" } }));
}
