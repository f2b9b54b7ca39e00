using System.Runtime.CompilerServices;
using ClipDistributed.Contracts.Spec;
using ClipDistributed.Contracts.Spec.Reference;

namespace ClipDistributed.Contracts.Tests.Spec.Reference;

/// <summary>The page docs/spec.md.</summary>
public sealed class SpecMarkdownTests
{
    [Fact]
    public void Write_CommittedPage_IsTheSame()
    {
        string page = File.ReadAllText(Path.Combine(Root(), "docs", "spec.md"));
        Assert.True(
            page == SpecMarkdown.Write(SpecReference.Build()),
            "docs/spec.md is older than the proto's comments or the spec's ranges and defaults. Run: make docs");
    }

    [Fact]
    public void Example_OfThePage_CanBeUsed() => SpecDefaults.Fill(SpecReader.ReadChecked(SpecMarkdown.Example, "example"));

    [Fact]
    public void Write_Lines_FitATerminal()
    {
        var lines = SpecMarkdown.Write(SpecReference.Build()).Split('\n');
        Assert.All(lines.Where(line => !line.StartsWith('|') && !line.StartsWith("<!--", StringComparison.Ordinal)),
            line => Assert.True(line.Length <= 100, line));
    }

    private static string Root([CallerFilePath] string here = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "..", "..", "..", ".."));
}
