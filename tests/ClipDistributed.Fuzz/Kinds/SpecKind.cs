using System.Text;
using ClipDistributed.TestKit.Mutations;

namespace ClipDistributed.Fuzz.Kinds;

/// <summary>A training spec as YAML or JSON, for the commands that read one.</summary>
internal sealed class SpecKind : IFuzzKind
{
    private static readonly string[] Words =
    [
        ": ",
        "- ",
        "  ",
        "{",
        "}",
        "[",
        "]",
        "&a ",
        "*a",
        "<<: *a",
        "!!binary ",
        "|\n",
        ">-\n",
        "---\n",
        "? ",
        "#",
        "model:",
        "${HOME}",
        "%YAML 9.9\n",
    ];

    public string Name => "specs";

    /// <summary>Every third one is hostile as a whole; of the others every second one is changed once more, byte by byte.</summary>
    public void Write(string folder, int seed)
    {
        if (seed % 3 == 0)
        {
            File.WriteAllBytes(Path.Combine(folder, "spec.yaml"), TextShapes.Spec(seed));
            return;
        }
        byte[] spec = Encoding.UTF8.GetBytes(SpecMutator.Mutate((ulong)seed));
        File.WriteAllBytes(Path.Combine(folder, "spec.yaml"), seed % 2 == 0 ? spec : MutatedText.Make(spec, Words, seed));
    }

    public IEnumerable<string[]> Commands(string folder)
    {
        string spec = Path.Combine(folder, "spec.yaml");
        yield return ["spec", "check", spec];
        yield return ["spec", "show", spec];
        yield return ["data", "plan", spec];
        yield return ["train", spec]; // its data is missing, so it goes no further than what it reads first
    }
}
