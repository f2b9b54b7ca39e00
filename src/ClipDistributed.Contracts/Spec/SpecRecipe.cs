using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Files;
using ClipDistributed.Contracts.Models;
using ClipDistributed.Contracts.Models.Folders;
using ClipDistributed.Contracts.Spec.V1;

namespace ClipDistributed.Contracts.Spec;

/// <summary>
/// The hyper-parameters that a spec takes where it gives none: of the preset that it names, else of the one whose towers have the sizes
/// of its config or of the weights to start from. A model of other sizes has none, so what depends on the size must be given.
/// </summary>
/// <param name="Preset">Its name; empty where the spec itself gives the values.</param>
internal sealed record SpecRecipe(
    string Preset, uint GlobalBatch, ulong Samples, double LearningRate, double Beta2, double Epsilon, uint WarmupSteps)
{
    private const string Smallest = "tiny";

    /// <param name="stored">
    /// The full spec of the run that is resumed: it keeps its values, though the weights that it began with may be gone.
    /// </param>
    /// <exception cref="BadInputException">The config or folder cannot be read, or fits no preset and values are missing.</exception>
    public static SpecRecipe Of(TrainingSpec spec, TrainingSpec? stored)
    {
        if (spec.Model.Preset != "")
            return Of(ModelPresets.Find(spec.Model.Preset)!);
        if (stored is not null)
        {
            var optimizer = stored.Optimizer;
            return new(
                stored.Model.Preset, stored.Batch.Global, stored.Samples, optimizer.Lr, optimizer.Beta2, optimizer.Eps,
                optimizer.WarmupSteps);
        }
        var (key, path) = spec.Model.Config != "" ? ("model.config", spec.Model.Config) : ("model.init_from", spec.Model.InitFrom);
        if (path == "")
            return Of(ModelPresets.Find(Smallest)!);
        var model = Read(key, UserPath.Absolute(path, key));
        return ModelPresets.Matching(model) is { } same ? Of(same) : Given(spec, model, key, path);
    }

    private static SpecRecipe Of(ModelPreset preset) =>
        new(preset.Name, preset.GlobalBatch, preset.Samples, preset.LearningRate, preset.Beta2, preset.Epsilon, preset.WarmupSteps);

    private static ModelConfig Read(string key, string path)
    {
        try
        {
            return (key == "model.config" ? ModelFolderConfig.ReadFile(path) : ModelSource.Find(path).ReadConfig()).ModelCfg;
        }
        catch (BadInputException wrong)
        {
            throw new BadInputException([.. wrong.Errors.Select(error => $"{key}: {error}")]);
        }
    }

    private static SpecRecipe Given(TrainingSpec spec, ModelConfig model, string key, string path)
    {
        var (batch, optimizer) = (spec.Batch ?? new BatchSpec(), spec.Optimizer ?? new OptimizerSpec());
        (string Name, bool Given)[] needed =
        [
            ("batch.global", batch.HasGlobal), ("samples", spec.HasSamples), ("optimizer.lr", optimizer.HasLr),
            ("optimizer.warmup_steps", optimizer.HasWarmupSteps),
        ];
        string[] missing = [.. needed.Where(value => !value.Given).Select(value => value.Name)];
        if (missing.Length > 0)
            throw new BadInputException(
                $"{key}: {path} has the sizes of no preset, so nothing gives {string.Join(", ", missing)}; give "
                    + "them, or name a model.preset beside it whose hyper-parameters suit."
            );
        var (beta2, epsilon) = ModelPreset.MomentsOf(model);
        return new("", batch.Global, spec.Samples, optimizer.Lr, beta2, epsilon, optimizer.WarmupSteps);
    }
}
