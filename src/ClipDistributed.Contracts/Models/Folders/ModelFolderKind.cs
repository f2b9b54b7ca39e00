using ClipDistributed.Contracts.Models.HuggingFace;

namespace ClipDistributed.Contracts.Models.Folders;

/// <summary>The two forms of model folder, and the names of their files.</summary>
/// <param name="Name">As the command line has it.</param>
/// <param name="Config">The file that says which form a folder has.</param>
/// <param name="Weights">The names under which weights are looked for; the first is the one that is written.</param>
public sealed record ModelFolderKind(string Name, string Config, IReadOnlyList<string> Weights)
{
    public static ModelFolderKind OpenClip { get; } = new("open_clip", ModelFolderConfig.FileName,
        ["open_clip_model.safetensors", "open_clip_pytorch_model.safetensors", "open_clip_pytorch_model.bin", "open_clip_pytorch_model.pth",
            "open_clip_pytorch_model.pt"]);

    public static ModelFolderKind HuggingFace { get; } = new(
        "hf", HuggingFaceConfig.FileName, ["model.safetensors", "pytorch_model.safetensors", "pytorch_model.bin"]);

    public static IReadOnlyList<ModelFolderKind> All { get; } = [OpenClip, HuggingFace];
}
