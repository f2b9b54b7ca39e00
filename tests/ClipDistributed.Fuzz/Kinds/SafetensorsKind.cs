using ClipDistributed.TestKit.Mutations;

namespace ClipDistributed.Fuzz.Kinds;

/// <summary>Weights as safetensors, with a header that lies or is larger than a model's.</summary>
internal sealed class SafetensorsKind : IFuzzKind
{
    private static readonly string[] Words =
    [
        "{",
        "}",
        "[",
        "]",
        ",",
        ":",
        "\"dtype\"",
        "\"F32\"",
        "\"shape\"",
        "\"data_offsets\"",
        "\"__metadata__\"",
        "\\ud800",
        "-1",
        "1e9",
    ];

    public string Name => "tensors";

    /// <summary>Every second one is a sound file that is changed byte by byte.</summary>
    public void Write(string folder, int seed)
    {
        File.WriteAllText(Path.Combine(folder, "open_clip_config.json"), PickleKind.Config);
        File.WriteAllBytes(
            Path.Combine(folder, "open_clip_model.safetensors"),
            seed % 2 == 0 ? TextShapes.Safetensors(seed) : MutatedText.Make(TextShapes.Safetensors(0), Words, seed));
    }

    public IEnumerable<string[]> Commands(string folder)
    {
        yield return ["model", "info", folder];
    }
}
