using System.Text;
using System.Text.RegularExpressions;

namespace ClipDistributed.Architecture.Tests;

/// <summary>README and the pages of docs lead where they say.</summary>
public sealed partial class DocumentLinksTests
{
    private static readonly string Root = RepositoryFolder.Path;

    private static readonly string[] Pages =
        [Path.Combine(Root, "README.md"), .. Directory.GetFiles(Path.Combine(Root, "docs"), "*.md").Order(StringComparer.Ordinal)];

    [Fact]
    public void Links_OfEveryPage_LeadToFilesThatExist()
    {
        var wrong = from page in Pages
                    from link in Links(page)
                    where !File.Exists(link.Target) && !Directory.Exists(link.Target)
                    select $"{link.Where}: there is no {link.Path}{Elsewhere(link.Target)}";
        Findings.AssertNone(wrong, "Links that lead nowhere; correct their paths:");
    }

    [Fact]
    public void Links_ByNameAlone_HaveTheirPathBelow()
    {
        var wrong = from page in Pages
                    let text = File.ReadAllText(page)
                    from Match name in NameMark().Matches(text)
                    where !text.Contains($"\n{name.Value}: ", StringComparison.Ordinal)
                    select $"{Path.GetRelativePath(Root, page)}: {name.Value} has no line with its path at the end of the page";
        Findings.AssertNone(wrong, "Names in brackets that lead nowhere; add their lines:");
    }

    [Fact]
    public void Links_ToSections_LeadToHeadings()
    {
        var wrong = from page in Pages
                    from link in Links(page)
                    where link.Section != "" && !Headings(link.Target).Contains(link.Section)
                    select $"{link.Where}: {link.Path} has no section #{link.Section}; it has {string.Join(", ", Headings(link.Target))}";
        Findings.AssertNone(wrong, "Links to sections that are not there; correct them:");
    }

    /// <summary>A class that was renamed leaves its old name behind in the text of a link.</summary>
    [Fact]
    public void Links_ToClasses_AreNamedForThem()
    {
        var wrong = from page in Pages
                    from link in Links(page)
                    where link.Target.EndsWith(".cs", StringComparison.Ordinal) && ClassName().Match(link.Text) is { Success: true } name
                        && name.Groups[1].Value != Path.GetFileNameWithoutExtension(link.Target)
                    select $"{link.Where}: {link.Text} leads to {link.Path}";
        Findings.AssertNone(wrong, "Links whose text is not the class that they lead to; correct either:");
    }

    [Fact]
    public void Pages_OfDocs_AreReachedFromReadme()
    {
        var reached = new HashSet<string>(StringComparer.Ordinal);
        var next = new Queue<string>([Pages[0]]);
        while (next.TryDequeue(out string? page))
        {
            if (reached.Add(page))
                foreach (var link in Links(page).Where(link => Pages.Contains(link.Target)))
                    next.Enqueue(link.Target);
        }
        Findings.AssertNone(Pages.Except(reached), "Pages that no page reached from README links to; link to them:");
    }

    private static IEnumerable<Link> Links(string page)
    {
        string[] lines = File.ReadAllLines(page);
        for (int i = 0; i < lines.Length; i++)
        {
            foreach (Match match in LinkMark().Matches(lines[i]))
            {
                string[] parts = match.Groups["path"].Value.Split('#');
                if (parts[0].Contains("://", StringComparison.Ordinal))
                    continue;
                string target = parts[0] == "" ? page : Path.GetFullPath(Path.Combine(Path.GetDirectoryName(page)!, parts[0]));
                string where = $"{Path.GetRelativePath(Root, page)}:{i + 1}", section = parts.ElementAtOrDefault(1) ?? "";
                yield return new Link(where, match.Groups["text"].Value, parts[0], target, section);
            }
        }
    }

    /// <summary>Where a file of the same name is, as a clause; empty: nowhere.</summary>
    private static string Elsewhere(string target) => string.Concat(
        Directory.EnumerateFiles(Path.Combine(Root, "src"), Path.GetFileName(target), SearchOption.AllDirectories)
            .Select(found => $"; link to {Path.GetRelativePath(Root, found)}"));

    /// <summary>As GitHub makes anchors of headings.</summary>
    private static IReadOnlyList<string> Headings(string page)
    {
        if (!page.EndsWith(".md", StringComparison.Ordinal) || !File.Exists(page))
            return [];
        bool isCode = false;
        var headings = new List<string>();
        foreach (string line in File.ReadLines(page))
        {
            isCode ^= line.StartsWith("```", StringComparison.Ordinal);
            if (!isCode && line.StartsWith('#'))
                headings.Add(Anchor(line.TrimStart('#').Trim()));
        }
        return headings;
    }

    private static string Anchor(string heading)
    {
        var anchor = new StringBuilder();
        foreach (char letter in heading.ToLowerInvariant())
        {
            if (char.IsLetterOrDigit(letter) || letter is '-' or '_')
                anchor.Append(letter);
            else if (letter == ' ')
                anchor.Append('-');
        }
        return anchor.ToString();
    }

    /// <param name="Where">As in <c>docs/data.md:12</c>.</param>
    private sealed record Link(string Where, string Text, string Path, string Target, string Section);

    /// <summary>As in [text](path), or [text]: path in a line of its own.</summary>
    [GeneratedRegex(@"\[(?<text>[^\]]*)\]\((?<path>[^)\s]+)\)|^\[(?<text>[^\]]+)\]: (?<path>\S+)$")]
    private static partial Regex LinkMark();

    /// <summary>As in [`TrainStep`].</summary>
    [GeneratedRegex(@"\[`\w+`\](?![(:])")]
    private static partial Regex NameMark();

    /// <summary>`TrainStep`, and nothing beside it.</summary>
    [GeneratedRegex(@"^\**`(\w+)`\**$")]
    private static partial Regex ClassName();
}
