using System.Text.Json;
using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Models;
using ClipDistributed.Contracts.Models.HuggingFace;
using ClipDistributed.Contracts.Safetensors;

namespace ClipDistributed.Cli.Models;

/// <summary>What a model folder holds, from its config and the headers of its weights; no tensor is read.</summary>
/// <param name="Form">open_clip or hf.</param>
/// <param name="Preset">The preset with this architecture; null: none.</param>
/// <param name="Parameters">Trained numbers, running statistics not counted; of the image tower, of the text tower, and all.</param>
/// <param name="NumberFormats">In which the parameters are stored.</param>
/// <param name="Files">Name and bytes.</param>
internal sealed record ModelDescription(string Folder, string Form, string? Preset, ModelConfig Model, PreprocessConfig Preprocess, long ImageParameters, long TextParameters, long Parameters,
    IReadOnlyList<string> NumberFormats, IReadOnlyDictionary<string, long> Files)
{
    private static readonly string[] Statistics = [".running_mean", ".running_var", ".num_batches_tracked"];

    private static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower, WriteIndented = true };

    /// <exception cref="BadInputException">The folder is no model, or a file in it is not what it should be.</exception>
    public static ModelDescription Read(string folder)
    {
        var kind = ModelFolderKind.Of(folder);
        var config = kind.ReadConfig(folder);
        var parameters = WeightFiles.Find(folder, kind.Weights).ReadEntries().Values.Select(found => found.Entry).Where(IsParameter).ToList();
        return new ModelDescription(Path.GetFullPath(folder), kind.Name, ModelPresets.All.FirstOrDefault(preset => preset.Model == config.ModelCfg)?.Name,
            config.ModelCfg, config.PreprocessCfg,
            Sum(entry => entry.Name.StartsWith("visual.", StringComparison.Ordinal) || entry.Name.StartsWith("vision_model.", StringComparison.Ordinal) || entry.Name == "visual_projection.weight"),
            Sum(entry => !entry.Name.StartsWith("vis", StringComparison.Ordinal) && !entry.Name.StartsWith("logit_", StringComparison.Ordinal)),
            Sum(_ => true),
            [.. parameters.Select(entry => entry.Type).Distinct().Order(StringComparer.Ordinal)],
            new DirectoryInfo(folder).EnumerateFiles().OrderBy(file => file.Name, StringComparer.Ordinal).ToDictionary(file => file.Name, file => file.Length));

        long Sum(Func<SafetensorsEntry, bool> counted) => parameters.Where(counted).Sum(entry => entry.Count);
    }

    public string ToJson() => JsonSerializer.Serialize(this, Json);

    private static bool IsParameter(SafetensorsEntry entry) =>
        !Statistics.Any(ending => entry.Name.EndsWith(ending, StringComparison.Ordinal)) && !HuggingFaceNames.IsIdle(entry.Name);
}
