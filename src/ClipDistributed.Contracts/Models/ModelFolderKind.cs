using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Files;
using ClipDistributed.Contracts.Models.HuggingFace;
using ClipDistributed.Contracts.Runs;

namespace ClipDistributed.Contracts.Models;

/// <summary>The two forms of model folder, and the names of their files.</summary>
/// <param name="Name">As the command line has it.</param>
/// <param name="Config">The file that says which form a folder has.</param>
public sealed record ModelFolderKind(string Name, string Config, string Weights)
{
    public static ModelFolderKind OpenClip { get; } = new("open_clip", ModelFolderConfig.FileName, "open_clip_model.safetensors");

    public static ModelFolderKind HuggingFace { get; } = new("hf", HuggingFaceConfig.FileName, HuggingFaceConfig.WeightsFileName);

    /// <exception cref="BadInputException">The folder is neither.</exception>
    public static ModelFolderKind Of(string folder)
    {
        if (!Directory.Exists(folder))
            throw new BadInputException($"{Path.GetFullPath(folder)}: there is no such model folder.");
        if (Directory.Exists(new RunDirectory(folder).Checkpoints))
            throw new BadInputException($"{Path.GetFullPath(folder)} is a run directory; name one of its checkpoints, as in {NewestCheckpoint(folder)}.");
        return new[] { OpenClip, HuggingFace }.FirstOrDefault(kind => File.Exists(Path.Combine(folder, kind.Config)))
            ?? throw new BadInputException($"{Path.GetFullPath(folder)} is not a model folder: it has neither {OpenClip.Config} (OpenCLIP) nor {HuggingFace.Config} (Hugging Face).");
    }

    private static string NewestCheckpoint(string run)
    {
        string checkpoints = new RunDirectory(run).Checkpoints;
        return Directory.GetDirectories(checkpoints).Order(StringComparer.Ordinal).SelectMany(attempt => Directory.GetDirectories(attempt, "step-*").Order(StringComparer.Ordinal))
            .LastOrDefault() ?? Path.Combine(checkpoints, "attempt-01", "step-00000100");
    }

    /// <summary>The config of a folder of this form.</summary>
    /// <exception cref="BadInputException">It holds a key or a value that is not supported.</exception>
    public ModelFolderConfig ReadConfig(string folder)
    {
        string path = Path.Combine(folder, Config);
        string json = InputFile.ReadText(path, null, ModelFolderConfig.LargestFile);
        if (this == OpenClip)
            return ModelFolderConfig.Parse(json, path);
        string preprocessor = Path.Combine(folder, HuggingFaceConfig.PreprocessorFileName);
        return HuggingFaceConfig.Parse(json, File.Exists(preprocessor) ? InputFile.ReadText(preprocessor, null, ModelFolderConfig.LargestFile) : null, path);
    }
}
