using ClipDistributed.Contracts.Checkpoints;
using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Files;
using ClipDistributed.Contracts.Models.HuggingFace;
using ClipDistributed.Contracts.Runs;
using ClipDistributed.Contracts.Weights;

namespace ClipDistributed.Contracts.Models.Folders;

/// <summary>
/// A model as a user names it: a folder in OpenCLIP's or Hugging Face's form, a run directory of OpenCLIP's training, or one file of
/// weights in or beside one of these.
/// </summary>
public sealed class ModelSource
{
    private const string Checkpoints = "checkpoints";

    private readonly string? file;
    private readonly string weights; // the folder to look for them

    private ModelSource(string folder, string? file, string weights) => (Folder, this.file, this.weights) = (folder, file, weights);

    /// <summary>Where config and tokenizer lie.</summary>
    public string Folder { get; }

    /// <summary>The file that says how the model is built; null: there is none.</summary>
    public string? ConfigPath =>
        Kind is { } kind ? Path.Combine(Folder, kind.Config) : IsOpenClipRun(Folder) ? Path.Combine(Folder, OpenClipRun.FileName) : null;

    /// <summary>The form of the folder; where it has both configs, the one whose weights it has. Null: neither.</summary>
    public ModelFolderKind? Kind
    {
        get
        {
            var there = ModelFolderKind.All.Where(kind => File.Exists(Path.Combine(Folder, kind.Config))).ToList();
            return there.FirstOrDefault(HasWeights) ?? there.FirstOrDefault();
        }
    }

    /// <exception cref="BadInputException">There is nothing there.</exception>
    public static ModelSource Find(string path)
    {
        string full = Path.GetFullPath(path);
        if (File.Exists(full))
            return new ModelSource(ConfigFolder(Path.GetDirectoryName(full)!), full, Path.GetDirectoryName(full)!);
        if (!Directory.Exists(full))
            throw new BadInputException($"{full}: there is no such model folder or file of weights.");
        if (IsOpenClipRun(full))
            return new ModelSource(full, null, Directory.Exists(Path.Combine(full, Checkpoints)) ? Path.Combine(full, Checkpoints) : full);
        if (Directory.Exists(new RunDirectory(full).Checkpoints))
            throw new BadInputException($"{full} is a run directory; name one of its checkpoints, as in {NewestCheckpoint(full)}.");
        return new ModelSource(ConfigFolder(full), null, full);
    }

    /// <summary>Where the tokenizer of a model lies, which may be named by a file of its weights.</summary>
    public static string FolderOf(string path) => File.Exists(path) || Directory.Exists(path) ? Find(path).Folder : path;

    /// <exception cref="BadInputException">There is no config, or it holds a key or a value that is not supported.</exception>
    public ModelFolderConfig ReadConfig()
    {
        string path = ConfigPath ?? throw NoConfig();
        if (Kind is not { } kind)
            return OpenClipRun.Read(path);
        string json = InputFile.ReadText(path, null, ModelFolderConfig.MaxFileBytes);
        if (kind == ModelFolderKind.OpenClip)
            return ModelFolderConfig.Parse(json, path);
        string preprocessor = Path.Combine(Folder, HuggingFaceConfig.PreprocessorFileName);
        return HuggingFaceConfig.Parse(
            json, File.Exists(preprocessor) ? InputFile.ReadText(preprocessor, null, ModelFolderConfig.MaxFileBytes) : null, path);
    }

    /// <exception cref="BadInputException">There are none, or several of which none is preferred.</exception>
    public WeightFiles FindWeights()
    {
        if (file is not null)
            return WeightFiles.Single(file);
        var kind = Kind ?? ModelFolderKind.OpenClip;
        return WeightFiles.Find(weights, kind.Weights)
            ?? throw new BadInputException(
                $"{Path.Combine(weights, kind.Weights[0])} does not exist, nor another file of weights; a model has one of "
                    + $"{string.Join(", ", kind.Weights)}, or any one .safetensors, .bin, .pt or .pth file."
            );
    }

    /// <summary>Where a run has recorded what it wrote: that config, weights and tokenizer are that still.</summary>
    /// <exception cref="BadInputException">One of them has been damaged or changed since.</exception>
    public void CheckRecorded()
    {
        if (FileKinds.Of(Path.Combine(Folder, CheckpointFiles.FileName)) == FileKind.Missing)
            return;
        if (
            CheckpointFiles.FindDamage(Folder, only: name => name is not (CheckpointFiles.Optimizer or CheckpointFiles.State)) is { } damage
        )
            throw new BadInputException(
                $"{Folder} is damaged ({damage}); restore it, or name another checkpoint. Where it was changed on "
                    + $"purpose, remove its {CheckpointFiles.FileName}."
            );
    }

    private BadInputException NoConfig()
    {
        string lacking = $"neither {ModelFolderKind.OpenClip.Config} (OpenCLIP) nor {ModelFolderKind.HuggingFace.Config} (Hugging Face)";
        return new BadInputException(file is null ? $"{Folder} is not a model folder: it has {lacking}."
            : $"{file}: no config says how this model is built: {Folder} has {lacking}; put the model's config there.");
    }

    private bool HasWeights(ModelFolderKind kind) =>
        kind.Weights.Any(name => File.Exists(Path.Combine(weights, name)) || File.Exists(Path.Combine(weights, name + ".index.json")));

    /// <summary>The folder itself, or, of an OpenCLIP run's checkpoints, the run.</summary>
    private static string ConfigFolder(string folder) =>
        Path.GetFileName(folder) == Checkpoints && Path.GetDirectoryName(folder) is { } run && IsOpenClipRun(run) ? run : folder;

    private static bool IsOpenClipRun(string folder) => File.Exists(Path.Combine(folder, OpenClipRun.FileName));

    private static string NewestCheckpoint(string run)
    {
        string checkpoints = new RunDirectory(run).Checkpoints;
        return Directory.GetDirectories(checkpoints).Order(StringComparer.Ordinal).SelectMany(
            attempt => Directory.GetDirectories(attempt, "step-*").Order(StringComparer.Ordinal))
            .LastOrDefault() ?? Path.Combine(checkpoints, "attempt-01", "step-00000100");
    }
}
