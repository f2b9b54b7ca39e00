using System.Text.RegularExpressions;

namespace ClipDistributed.Architecture.Tests;

/// <summary>
/// What readers quote of files goes through FileWords, which a coordinator hides from those who submit jobs. An excerpt that is made
/// without it repeats to them what only the coordinator's user may read.
/// </summary>
public sealed partial class FileQuotesTests
{
    private static readonly string[] Readers = ["src/ClipDistributed.Contracts/", "src/ClipDistributed.Data/"];

    private static readonly HashSet<string> Allowed =
    [
        // Excerpts themselves, and bounds of whole errors, whose parts were hidden where they were read.
        "src/ClipDistributed.Contracts/Errors/FileWords.cs: Excerpt.Of(text",
        "src/ClipDistributed.Contracts/Errors/FileWords.cs: Excerpt.List(texts",
        "src/ClipDistributed.Contracts/Errors/BadInputException.cs: Excerpt.Ends(error.Text",
        "src/ClipDistributed.Contracts/Spec/SpecError.cs: Excerpt.Of(Text",
        // Names of columns that the spec gives.
        "src/ClipDistributed.Data/ParquetShards/ParquetColumns.cs: Excerpt.Of(named",
        "src/ClipDistributed.Data/Tars/TarColumns.cs: Excerpt.Of(name",
        // Of commands alone, whose user opens the file.
        "src/ClipDistributed.Data/Packing/Lists/ListColumns.cs: Excerpt.Of(column",
        "src/ClipDistributed.Data/Packing/Lists/ListColumns.cs: Excerpt.Of(header[found[1]]",
        "src/ClipDistributed.Data/Verification/DatasetVerification.cs: Excerpt.Of(inner.Message",
    ];

    [Fact]
    public void Readers_ThatQuoteFiles_DoSoThroughFileWords()
    {
        var found = (
            from file in SourceFile.OfPrograms
            where Readers.Any(folder => file.Path.StartsWith(folder, StringComparison.Ordinal))
            from quote in Quote().Matches(file.Text)
            select $"{file.Path}: {quote.Value}").ToHashSet();
        Findings.AssertNone(found.Except(Allowed), "Quote what was read from a file through FileWords:");
        Findings.AssertNone(Allowed.Except(found), "These are not there any more; take them out of the list:");
    }

    [GeneratedRegex("""\bExcerpt\.\w+\([\w.\[\]]*""")]
    private static partial Regex Quote();
}
