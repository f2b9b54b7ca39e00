using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Models;
using ClipDistributed.Contracts.Models.HuggingFace;
using static TorchSharp.torch;

namespace ClipDistributed.Model.Folders;

/// <summary>Writes a model folder of either form as one of the other, or of the same, with its tokenizer.</summary>
public static class ModelExport
{
    private static readonly string[] TokenizerFiles =
        ["tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "added_tokens.json", "vocab.json", "merges.txt", "bpe_simple_vocab_16e6.txt.gz"];

    /// <param name="to">A <see cref="ModelFolderKind.Name"/>.</param>
    /// <param name="target">A folder that does not exist, or is empty.</param>
    /// <exception cref="BadInputException">The folder is no model, cannot be expressed in that form, or the target is in use.</exception>
    public static void Run(string folder, string to, string target)
    {
        var config = ModelFolder.ReadConfig(folder);
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
        string beside = ModelSource.FolderOf(folder);
        foreach (string file in TokenizerFiles.Where(file => File.Exists(Path.Combine(beside, file))))
            File.Copy(Path.Combine(beside, file), Path.Combine(target, file));
    }
}
