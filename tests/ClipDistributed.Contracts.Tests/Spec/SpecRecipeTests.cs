using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Models;
using ClipDistributed.Contracts.Spec;
using ClipDistributed.Contracts.Spec.V1;

namespace ClipDistributed.Contracts.Tests.Spec;

public sealed class SpecRecipeTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory().FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void Fill_EveryPresetsModelAsConfig_TakesThatPresetsValues()
    {
        foreach (var preset in ModelPresets.All)
        {
            var full = Fill($"model: {{config: {Config(preset.Model)}}}");
            var taken = ModelPresets.Find(full.Model.Preset)!;
            Assert.Equal(
                preset.Model with
                {
                    QuickGelu = false,
                },
                taken.Model with
                {
                    QuickGelu = false,
                    VisionCfg = taken.Model.VisionCfg with { LsInitValue = preset.Model.VisionCfg.LsInitValue },
                }
            );
            Assert.Equal(
                (preset.LearningRate, preset.WarmupSteps, preset.GlobalBatch, preset.Samples, preset.Beta2, preset.Epsilon),
                (full.Optimizer.Lr, full.Optimizer.WarmupSteps, full.Batch.Global, full.Samples, full.Optimizer.Beta2, full.Optimizer.Eps)
            );
        }
    }

    [Fact]
    public void Fill_OpenClipsFileOfVitB32_TakesThePapersValues()
    {
        string config = Write("""
            {"embed_dim": 512, "vision_cfg": {"image_size": 224, "layers": 12, "width": 768, "patch_size": 32},
             "text_cfg": {"context_length": 77, "vocab_size": 49408, "width": 512, "heads": 8, "layers": 12}}
            """);
        var full = Fill($"model: {{config: {config}}}");
        Assert.Equal(
            ("ViT-B-32", 5e-4, 2000u, 32768u),
            (full.Model.Preset, full.Optimizer.Lr, full.Optimizer.WarmupSteps, full.Batch.Global)
        );
        Assert.Equal(config, full.Model.Config); // whose GELU is another than the preset's
    }

    [Fact]
    public void Fill_OtherVocabularyAndTexts_AreOfThePresetsSizeStill()
    {
        var model = ModelPresets.Find("ViT-L-14")!.Model;
        model = (model with { TextCfg = model.TextCfg with { VocabSize = 32000, ContextLength = 256 } }).ForSigmoid();
        Assert.Equal("ViT-L-14", Fill($"model: {{config: {Config(model)}}}").Model.Preset);
    }

    [Fact]
    public void Fill_WeightsToStartFrom_TakeTheValuesOfTheirSize()
    {
        var config = new ModelFolderConfig { ModelCfg = ModelPresets.Find("small")!.Model };
        File.WriteAllText(Path.Combine(folder, ModelFolderConfig.FileName), config.ToJson());
        Assert.Equal("small", Fill($"model: {{init_from: {folder}}}").Model.Preset);
    }

    [Theory]
    [InlineData("", "batch.global, samples, optimizer.lr, optimizer.warmup_steps")]
    [InlineData("batch: {global: 64}\noptimizer: {lr: 0.001}", "samples, optimizer.warmup_steps")]
    public void Fill_SizesOfNoPreset_NamesWhatMustBeGiven(string given, string missing)
    {
        string config = Config(Unusual);
        var refused = Assert.Throws<BadInputException>(() => Fill($"model: {{config: {config}}}\n{given}"));
        Assert.Equal(
            [
                $"model.config: {config} has the sizes of no preset, so nothing gives {missing}; give them, or name a model.preset "
                    + $"beside it whose hyper-parameters suit.",
            ],
            refused.Errors
        );
    }

    [Fact]
    public void Fill_SizesOfNoPresetAndAllGiven_KeepsThemAndReadsBack()
    {
        var full = Fill(
            $"model: {{config: {Config(Unusual)}}}\nbatch: {{global: 64}}\nsamples: 640\noptimizer: {{lr: 0.003, warmup_steps: 7}}"
        );
        Assert.Equal(
            ("", 0.003, 7u, 0.98, 1e-6),
            (full.Model.Preset, full.Optimizer.Lr, full.Optimizer.WarmupSteps, full.Optimizer.Beta2, full.Optimizer.Eps)
        );
        Assert.Equal(full, SpecDefaults.Fill(SpecReader.Read(SpecWriter.Write(full), "written")));
    }

    [Fact]
    public void Fill_PresetBesideAConfig_GivesTheHyperParameters() =>
        Assert.Equal(2e-3, Fill($"model: {{preset: tiny, config: {Config(Unusual)}}}").Optimizer.Lr);

    [Fact]
    public void Fill_ResumeWithoutTheFolderItBeganWith_KeepsTheStoredValues()
    {
        string weights = Directory.CreateDirectory(Path.Combine(folder, "weights")).FullName;
        File.WriteAllText(
            Path.Combine(weights, ModelFolderConfig.FileName),
            new ModelFolderConfig { ModelCfg = ModelPresets.Find("small")!.Model }.ToJson()
        );
        var given = Read($"model: {{init_from: {weights}}}");
        var stored = SpecDefaults.Fill(given);
        Directory.Delete(weights, recursive: true);
        Assert.Equal(stored, SpecDefaults.Fill(given, stored));
    }

    [Fact]
    public void Fill_FolderOrConfigMissing_NamesTheKey()
    {
        Assert.StartsWith(
            "model.init_from: ",
            Assert.Throws<BadInputException>(() => Fill($"model: {{init_from: {folder}/none}}")).Message,
            StringComparison.Ordinal
        );
        Assert.StartsWith(
            "model.config: ",
            Assert.Throws<BadInputException>(() => Fill($"model: {{config: {folder}/none.json}}")).Message,
            StringComparison.Ordinal
        );
    }

    private static ModelConfig Unusual => ModelPresets.Find("tiny")!.Model with { EmbedDim = 72 };

    private static TrainingSpec Read(string model) => SpecReader.Read($"data: {{train: [{{path: x}}]}}\n{model}", "spec.yaml");

    private static TrainingSpec Fill(string model) => SpecDefaults.Fill(Read(model));

    private string Config(ModelConfig model) => Write(new ModelFolderConfig { ModelCfg = model }.ToJson());

    private string Write(string json)
    {
        string file = Path.Combine(folder, $"{Guid.NewGuid():N}.json");
        File.WriteAllText(file, json);
        return file;
    }
}
