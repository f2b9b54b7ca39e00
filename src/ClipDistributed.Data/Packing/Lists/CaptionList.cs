using ClipDistributed.Contracts.Errors;

namespace ClipDistributed.Data.Packing.Lists;

/// <summary>The rows of a list, one for each caption.</summary>
/// <param name="Rows">In the order of the list.</param>
/// <param name="Columns">For the user: where images and captions were found.</param>
internal sealed record CaptionList(IReadOnlyList<ListRow> Rows, string Columns)
{
    private static readonly string[] Separated = [".csv", ".tsv", ".tab", ".psv", ".txt"], Json = [".jsonl", ".ndjson", ".json"];

    private const string OpenQuote = "has a quote that does not close before a separator; double each quote inside a quoted value";

    /// <summary>The name is one that a list has.</summary>
    public static bool IsList(string file) =>
        Path.GetExtension(file).ToLowerInvariant() is var extension && (Separated.Contains(extension) || Json.Contains(extension));

    /// <exception cref="BadInputException">No such file or column, or a line that cannot be read.</exception>
    public static CaptionList Read(ListOptions options)
    {
        string extension = Path.GetExtension(options.File).ToLowerInvariant();
        if (Json.Contains(extension))
            return new JsonRows(options).Read();
        if (Separated.Contains(extension))
            return ReadSeparated(options);
        using (ListFile.Open(options.File))
            throw new BadInputException($"--captions {options.File} ends in '{extension}'; use a .csv, .tsv or .jsonl file.");
    }

    private static CaptionList ReadSeparated(ListOptions options)
    {
        var header = ListHeader.Find(options);
        var read = header.Rows(options.File).ToList();
        RowSeparator.Check(options.File, header, read);
        var rows = read.SelectMany(row => Of(row, header)).ToList();
        return rows.Count > 0
            ? new CaptionList(rows, header.Words)
            : throw new BadInputException($"--captions {options.File} holds no rows after its header; write a row for each image.");
    }

    private static IEnumerable<ListRow> Of(SeparatedRow row, ListHeader header)
    {
        var values = row.Values;
        string? image = values.ElementAtOrDefault(header.Image), caption = values.ElementAtOrDefault(header.Caption);
        while (values.Count > header.Columns && string.IsNullOrWhiteSpace(values[^1]))
            values.RemoveAt(values.Count - 1); // spreadsheets write separators behind the last value
        string? problem = row.HasOpenQuote ? OpenQuote : null;
        if (values.Count > header.Columns && header.Caption == header.Columns - 1)
            caption = string.Join(header.Separator, values.Skip(header.Caption)); // not quoted, though it holds separators
        else if (values.Count > header.Columns)
            problem ??= $"has more values than there are columns; quote values that hold a {Separator.NameOf(header.Separator)}";
        return problem is null
            ? CaptionValue.OfText(caption).Select(one => ListRow.Of(row.Line, image, one.Text, one.Problem))
            : [ListRow.Of(row.Line, image, null, problem)];
    }
}
