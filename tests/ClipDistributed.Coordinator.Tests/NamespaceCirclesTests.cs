using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;

namespace ClipDistributed.Coordinator.Tests;

/// <summary>The folders of the coordinator use each other in one direction only, so that each can be understood without those above
/// it.</summary>
public sealed partial class NamespaceCirclesTests
{
    [Fact]
    public void Namespaces_OfTheCoordinator_FormNoCircles()
    {
        var uses = new Dictionary<string, HashSet<string>>(StringComparer.Ordinal);
        foreach (string path in Directory.EnumerateFiles(Source(), "*.cs", SearchOption.AllDirectories))
        {
            string text = File.ReadAllText(path);
            if (Declaration().Match(text) is not { Success: true } declared)
                continue; // the root puts all of them together
            if (!uses.TryGetValue(declared.Groups[1].Value, out var used))
                uses[declared.Groups[1].Value] = used = new HashSet<string>(StringComparer.Ordinal);
            used.UnionWith(Use().Matches(text).Select(match => match.Groups[1].Value).Where(other => other != declared.Groups[1].Value));
        }
        Assert.Contains("Runs", uses.Keys);
        // Those that use none of the rest are taken away again and again: what is left then lies on circles or above them.
        while (uses.FirstOrDefault(one => !one.Value.Overlaps(uses.Keys)) is { Key: { } lowest })
            uses.Remove(lowest);
        Assert.Empty(uses.Select(one => $"{one.Key} uses {string.Join(", ", one.Value.Where(uses.ContainsKey))}"));
    }

    private static string Source([CallerFilePath] string here = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "..", "..", "src", "ClipDistributed.Coordinator"));

    [GeneratedRegex("""^namespace ClipDistributed\.Coordinator\.(\w+)""", RegexOptions.Multiline)]
    private static partial Regex Declaration();

    /// <summary>In a using directive or in a name that is written out.</summary>
    [GeneratedRegex("""\bClipDistributed\.Coordinator\.(\w+)""")]
    private static partial Regex Use();
}
