namespace ClipDistributed.Architecture.Tests;

/// <summary>What is longer than a screen, or wider, is not read. Past the limit, ask which noun is missing.</summary>
public sealed class SizesTests
{
    private const int MaxLines = 250, MaxColumns = 140;

    /// <summary>Tables of data and pages of other languages. Nothing may be added.</summary>
    private static readonly HashSet<string> KnownLines =
    [
        "src/ClipDistributed.Data/Tokens/CanonicalData.cs", // a table of Unicode
        "src/ClipDistributed.Data/Tokens/HtmlEntityData.cs", // a table of HTML
        "src/ClipDistributed.Reporting/Pages/ReportStyle.cs", // CSS
        "tests/ClipDistributed.Coordinator.Tests/Store/OldTables.cs", // SQL of earlier versions
        "tests/ClipDistributed.Data.Tests/Images/ImageFormatsTests.cs", // pictures in base 64
    ];

    [Fact]
    public void Files_OfTheRepository_AreShort() =>
        Findings.AssertNone(
            from file in SourceFile.All
            where file.Lines.Length > MaxLines
            select $"{file.Path}: {file.Lines.Length} lines",
            $"Files of more than {MaxLines} lines; find the part that has a name of its own:");

    [Fact]
    public void Lines_OfTheRepository_AreShort() =>
        Findings.AssertNone(
            from file in SourceFile.All
            where !KnownLines.Contains(file.Path)
            from line in file.Lines.Index()
            where line.Item.Length > MaxColumns
            select $"{file.Path}:{line.Index + 1}: {line.Item.Length} columns",
            $"Lines of more than {MaxColumns} columns:");

    [Fact]
    public void KnownLines_OfTheRepository_AreStillLong() =>
        Findings.AssertNone(
            KnownLines.Except(
                SourceFile.All.Where(file => file.Lines.Any(line => line.Length > MaxColumns)).Select(file => file.Path)
            ),
            "Files whose lines are short by now; delete their entries above:");
}
