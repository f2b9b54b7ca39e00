using System.Text.Json;
using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Models;
using ClipDistributed.Contracts.Models.Folders;
using ClipDistributed.Contracts.Weights;

namespace ClipDistributed.Cli.Models;

/// <summary>What a model holds, from its config and the headers of its weights; no tensor is read.</summary>
/// <param name="Folder">Where config and tokenizer lie.</param>
/// <param name="Weights">The file of the weights, or the index of several.</param>
/// <param name="Form">open_clip or hf.</param>
/// <param name="Preset">The preset with this architecture; null: none.</param>
/// <param name="Parameters">Trained numbers, running statistics not counted; of the image tower, of the text tower, and all.</param>
/// <param name="NumberFormats">In which the parameters are stored.</param>
/// <param name="Files">Name and bytes.</param>
internal sealed record ModelDescription(
    string Folder,
    string Weights,
    string Form,
    string? Preset,
    ModelConfig Model,
    PreprocessConfig Preprocess,
    long ImageParameters,
    long TextParameters,
    long Parameters,
    IReadOnlyList<string> NumberFormats,
    IReadOnlyDictionary<string, long> Files
)
{
    private static readonly string[] Statistics = [".running_mean", ".running_var", ".num_batches_tracked"];

    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        WriteIndented = true,
    };

    /// <param name="path">See <see cref="ModelSource"/>.</param>
    /// <exception cref="BadInputException">There is no model, or a file of it is not what it should be.</exception>
    public static ModelDescription Read(string path)
    {
        var source = ModelSource.Find(path);
        var config = source.ReadConfig();
        var weights = source.FindWeights();
        var parameters = weights.ReadEntries().Values.Where(IsParameter).ToList();
        bool huggingFace = WeightNames.AreHuggingFace(parameters.Select(entry => entry.Name));
        var files = new DirectoryInfo(source.Folder)
            .EnumerateFiles()
            .Concat(weights.Paths.Select(file => new FileInfo(file)))
            .DistinctBy(file => file.FullName);
        return new ModelDescription(
            source.Folder,
            weights.Name,
            (huggingFace ? ModelFolderKind.HuggingFace : ModelFolderKind.OpenClip).Name,
            ModelPresets.All.FirstOrDefault(preset => preset.Model == config.ModelCfg)?.Name,
            config.ModelCfg, config.PreprocessCfg,
            Sum(IsOfImages),
            Sum(entry => !IsOfImages(entry) && !entry.Name.StartsWith("logit_", StringComparison.Ordinal)),
            Sum(_ => true),
            [.. parameters.Select(entry => entry.Format).Distinct().Order(StringComparer.Ordinal)],
            files
                .Select(file => (Name: Path.GetRelativePath(source.Folder, file.FullName), file.Length))
                .OrderBy(file => file.Name, StringComparer.Ordinal).ToDictionary(file => file.Name, file => file.Length));

        long Sum(Func<WeightEntry, bool> counted) => parameters.Where(counted).Sum(entry => entry.Count);
    }

    public string ToJson() => JsonSerializer.Serialize(this, Json);

    private static bool IsOfImages(WeightEntry entry) =>
        entry.Name.StartsWith("visual.", StringComparison.Ordinal)
            || entry.Name.StartsWith("vision_model.", StringComparison.Ordinal)
            || entry.Name == "visual_projection.weight";

    private static bool IsParameter(WeightEntry entry) =>
        !Statistics.Any(ending => entry.Name.EndsWith(ending, StringComparison.Ordinal)) && !WeightNames.IsIdle(entry.Name);
}
