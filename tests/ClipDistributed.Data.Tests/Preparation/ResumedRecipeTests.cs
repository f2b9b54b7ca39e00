using ClipDistributed.Contracts.Models;
using ClipDistributed.Contracts.Runs;
using ClipDistributed.Contracts.Spec.V1;
using ClipDistributed.Data.Preparation;
using ClipDistributed.Data.Tests.Batches;

namespace ClipDistributed.Data.Tests.Preparation;

/// <summary>What the spec leaves open stays as it was when the run began.</summary>
public sealed class ResumedRecipeTests : IDisposable
{
    private readonly TemporaryFolder data = new(), place = new();

    public void Dispose()
    {
        data.Dispose();
        place.Dispose();
    }

    [Fact]
    public async Task Prepare_ResumeWithAnotherConfigOfNoPreset_KeepsTheHyperParameters()
    {
        await PictureDataset.WriteAsync(data, [64], 32);
        string config = place.File("model.json");
        File.WriteAllText(config, new ModelFolderConfig { ModelCfg = ModelPresets.Find("tiny")!.Model }.ToJson());
        var given = new TrainingSpec
        {
            Name = "a", RunDirectory = place.File("run"), Data = new DataSpec { Train = { new SourceSpec { Path = data.Path } } },
            Model = new ModelSpec { Config = config }, Batch = new BatchSpec { Global = 32 },
        };
        var first = RunPreparation.Prepare(given, resume: false, _ => { });
        Assert.Equal(("tiny", 2e-3), (first.Spec.Model.Preset, first.Spec.Optimizer.Lr));
        Begin(first.Directory);

        File.WriteAllText(config, new ModelFolderConfig { ModelCfg = ModelPresets.Find("small")!.Model }.ToJson());
        Assert.Equal(first.Spec, RunPreparation.Prepare(given, resume: true, _ => { }).Spec);
    }

    [Fact]
    public async Task Prepare_ResumeOfARunFromBeforeDecayCouldBeChosen_IsTheSameRun()
    {
        await PictureDataset.WriteAsync(data, [64], 32);
        var given = new TrainingSpec
        {
            Name = "a",
            RunDirectory = place.File("run"),
            Data = new DataSpec { Train = { new SourceSpec { Path = data.Path } } },
            Batch = new BatchSpec { Global = 32 },
        };
        var first = RunPreparation.Prepare(given, resume: false, _ => { });
        Begin(first.Directory);
        string stored = File.ReadAllText(first.Directory.Spec);
        Assert.Contains("decay: ndim2", stored);
        File.WriteAllText(first.Directory.Spec, stored.Replace("  decay: ndim2\n", "", StringComparison.Ordinal));
        Assert.Equal(Decay.Ndim2, RunPreparation.Prepare(given, resume: true, _ => { }).Spec.Optimizer.Decay);
    }

    private static void Begin(RunDirectory directory) =>
        (RunInfo.Load(directory.Info) with { Attempts = [new RunAttempt(1, 0, 0)] }).Save(directory.Info);
}
