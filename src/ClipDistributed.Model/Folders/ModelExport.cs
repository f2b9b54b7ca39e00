using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Models;
using ClipDistributed.Contracts.Models.Folders;
using ClipDistributed.Contracts.Models.HuggingFace;
using static TorchSharp.torch;

namespace ClipDistributed.Model.Folders;

/// <summary>Writes a model folder of either form as one of the other, or of the same; its tokenizer is written by who calls.</summary>
public static class ModelExport
{
    /// <param name="to">A <see cref="ModelFolderKind.Name"/>.</param>
    /// <param name="target">A folder that does not exist, or is empty.</param>
    /// <param name="hasTokenizer">See <see cref="ModelFolderConfig.HasTokenizer"/>.</param>
    /// <returns>What was written.</returns>
    /// <exception cref="BadInputException">The folder is not a model, that form cannot express it, or the target is in use.</exception>
    public static ModelFolderConfig Run(string folder, string to, string target, bool hasTokenizer = false)
    {
        var config = ModelFolder.ReadConfig(folder) with { HasTokenizer = hasTokenizer };
        bool huggingFace = to == ModelFolderKind.HuggingFace.Name;
        if (huggingFace)
            HuggingFaceWriter.Check(config); // refused before gigabytes are read
        if (Directory.Exists(target) && Directory.EnumerateFileSystemEntries(target).Any())
            throw new BadInputException($"--out: {target} is not empty; name a folder that does not exist yet.");
        using var model = ModelFolder.Open(folder, CPU);
        if (huggingFace)
            ModelFolder.WriteHuggingFace(target, config, model.Parameters);
        else
            ModelFolder.Write(target, config, model.Parameters);
        return config;
    }
}
