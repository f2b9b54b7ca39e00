using ClipDistributed.TestKit.Pickles;

namespace ClipDistributed.Fuzz.Kinds;

/// <summary>Weights as PyTorch writes them, with a pickle that lies or names what must not be built.</summary>
internal sealed class PickleKind : IFuzzKind
{
    internal const string Config =
        """{"model_cfg": {"embed_dim": 16, "vision_cfg": {"image_size": 16, "layers": 1, "width": 64, "patch_size": 8}"""
            + """, "text_cfg": {"context_length": 8, "vocab_size": 64, "width": 64, "heads": 1, "layers": 1}}}""";

    public string Name => "pickles";

    public void Write(string folder, int seed)
    {
        File.WriteAllText(Path.Combine(folder, "open_clip_config.json"), Config);
        File.WriteAllBytes(
            Path.Combine(folder, "open_clip_pytorch_model.bin"),
            seed % 3 == 0 ? PickleShapes.Make(seed) : PickleMutator.Make(seed)
        );
    }

    public IEnumerable<string[]> Commands(string folder)
    {
        yield return ["model", "info", folder];
    }
}
