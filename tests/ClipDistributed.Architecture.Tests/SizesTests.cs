namespace ClipDistributed.Architecture.Tests;

/// <summary>What is longer than a screen, or wider, is not read. Past the limit, ask which noun is missing.</summary>
public sealed class SizesTests
{
    private const int MaxLines = 250, MaxColumns = 140;

    /// <summary>Still to be divided. Nothing may be added.</summary>
    private static readonly HashSet<string> KnownFiles =
    [
        "tests/ClipDistributed.WorkerHost.Tests/WorkerTests.cs",
    ];

    /// <summary>Tables of data and pages of other languages; the rest is still to be wrapped. Nothing may be added.</summary>
    private static readonly HashSet<string> KnownLines =
    [
        "src/ClipDistributed.Data/Tokens/CanonicalData.cs", // a table of Unicode
        "src/ClipDistributed.Data/Tokens/HtmlEntityData.cs", // a table of HTML
        "src/ClipDistributed.Reporting/Pages/ReportStyle.cs", // CSS
        "tests/ClipDistributed.Contracts.Tests/Errors/CountedTests.cs",
        "tests/ClipDistributed.Contracts.Tests/Models/ModelConfigTests.cs",
        "tests/ClipDistributed.Contracts.Tests/Runs/DamagedRunFilesTests.cs",
        "tests/ClipDistributed.Contracts.Tests/Safetensors/SafetensorsHeaderTests.cs",
        "tests/ClipDistributed.Coordinator.Tests/Store/OldTables.cs", // SQL of earlier versions
        "tests/ClipDistributed.Data.Tests/Images/ImageFormatsTests.cs",
        "tests/ClipDistributed.Data.Tests/Manifests/DatasetManifestTests.cs",
        "tests/ClipDistributed.Data.Tests/Packing/ListPackingTests.cs",
        "tests/ClipDistributed.Data.Tests/Packing/Lists/CaptionListTests.cs",
        "tests/ClipDistributed.Data.Tests/Tokens/TokenizerFileTests.cs",
        "tests/ClipDistributed.Fuzz/Kinds/PickleKind.cs",
    ];

    [Fact]
    public void Files_OfTheRepository_AreShort() =>
        Findings.AssertNone(
            from file in SourceFile.All
            where file.Lines.Length > MaxLines && !KnownFiles.Contains(file.Path)
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
    public void KnownFilesAndLines_OfTheRepository_AreStillLong() =>
        Findings.AssertNone(
            KnownFiles.Except(SourceFile.All.Where(file => file.Lines.Length > MaxLines).Select(file => file.Path))
                .Concat(KnownLines.Except(
                    SourceFile.All.Where(file => file.Lines.Any(line => line.Length > MaxColumns)).Select(file => file.Path))),
            "Files that are short by now; delete their entries above:");
}
