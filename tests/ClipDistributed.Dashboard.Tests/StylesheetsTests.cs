using System.Text.RegularExpressions;
using ClipDistributed.TestKit.Files;

namespace ClipDistributed.Dashboard.Tests;

/// <summary>Every page loads every stylesheet: two of them that describe one class change each other's pages.</summary>
public sealed partial class StylesheetsTests
{
    [Fact]
    public void Classes_WithoutAContext_AreDescribedByOneFile()
    {
        var sheets = Directory.GetFiles(RepositoryFolder.File("src", "ClipDistributed.Dashboard", "wwwroot"), "*.css");
        Assert.True(sheets.Length > 1);
        var described =
            from sheet in sheets
            from name in Classes(File.ReadAllText(sheet))
            group Path.GetFileName(sheet) by name into files
            where files.Distinct().Count() > 1
            select $".{files.Key}: {string.Join(", ", files.Distinct().Order())}";
        Assert.Empty(described);
    }

    /// <summary>The classes that stand alone before a brace or comma; rules within @media refine one and begin with a blank.</summary>
    private static IEnumerable<string> Classes(string css) =>
        from line in css.Split('\n')
        where !line.StartsWith(' ')
        from Match match in Alone().Matches(line)
        select match.Groups["name"].Value;

    [GeneratedRegex(@"(^|[},])\s*\.(?<name>[\w-]+)\s*(?=[{,])")]
    private static partial Regex Alone();
}
