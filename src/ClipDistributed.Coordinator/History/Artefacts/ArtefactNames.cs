using System.Text.RegularExpressions;

namespace ClipDistributed.Coordinator.History.Artefacts;

/// <summary>Which names of a run's directory can be read. Whatever else lies there is none of the run's.</summary>
internal static partial class ArtefactNames
{
    private static readonly Dictionary<string, string> Types = new(StringComparer.Ordinal)
    {
        [".html"] = "text/html; charset=utf-8",
        [".png"] = "image/png",
        [".json"] = "application/json",
        [".jsonl"] = "application/x-ndjson; charset=utf-8",
        [".yaml"] = "application/yaml; charset=utf-8",
        [".txt"] = "text/plain; charset=utf-8",
    };

    public static bool IsOne(string name) => name.Length <= 300 && Pattern().IsMatch(name);

    /// <summary>As of HTTP.</summary>
    public static string TypeOf(string name) => Types.GetValueOrDefault(Path.GetExtension(name), "application/octet-stream");

    // The folders of the middle are those of RunDirectory.
    [GeneratedRegex("""
        ^(?:
            (?:spec\.yaml|manifest\.json|open_clip_config\.json|tokenizer\.json|run\.json|probe\.json|predictions\.json|poison-rows\.json
                |metrics\.jsonl|events\.jsonl|coordinator\.jsonl|report\.html|curves\.png|similarity\.png)
            |predictions/(?:probe|step-[0-9]{8,18})\.json
            |tensorboard/events\.[A-Za-z0-9][A-Za-z0-9._-]*
            |checkpoints/attempt-[0-9]{2,9}/step-[0-9]{8,18}/[A-Za-z0-9][A-Za-z0-9._-]*
        )\z
        """, RegexOptions.IgnorePatternWhitespace | RegexOptions.CultureInvariant)]
    private static partial Regex Pattern();
}
