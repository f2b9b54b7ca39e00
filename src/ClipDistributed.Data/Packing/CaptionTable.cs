using System.Text.Json;
using ClipDistributed.Contracts.Errors;

namespace ClipDistributed.Data.Packing;

/// <summary>Captions from a CSV, TSV or JSONL file: a row names an image and its text; an image may come several times.</summary>
internal static class CaptionTable
{
    private static readonly string[] ImageNames = ["file", "file_name", "filename", "filepath", "file_path", "path", "image", "image_path", "image_file", "img", "url", "image_url"];
    private static readonly string[] CaptionNames = ["caption", "text", "title", "description", "alt", "alt_text", "prompt", "sentence", "captions"];

    /// <summary>File and caption of every row, in the order of the table; null: the row has none.</summary>
    /// <exception cref="BadInputException">No such file or column, or a line that cannot be read.</exception>
    public static List<(string? Image, string? Caption)> Read(string file, string? imageColumn, string? captionColumn)
    {
        if (!File.Exists(file))
            throw new BadInputException($"--captions {file} does not exist; use sidecar, names, folders, or a .csv, .tsv or .jsonl file.");
        return Path.GetExtension(file).ToLowerInvariant() switch
        {
            ".csv" => FromLines(file, ',', imageColumn, captionColumn),
            ".tsv" or ".tab" => FromLines(file, '\t', imageColumn, captionColumn),
            ".jsonl" or ".ndjson" or ".json" => FromJson(file, imageColumn, captionColumn),
            var other => throw new BadInputException($"--captions {file} ends in '{other}'; use a .csv, .tsv or .jsonl file."),
        };
    }

    private static List<(string?, string?)> FromLines(string file, char separator, string? imageColumn, string? captionColumn)
    {
        using var reader = new StreamReader(file);
        using var rows = SeparatedValues.Read(reader, separator, file).GetEnumerator();
        if (!rows.MoveNext())
            throw new BadInputException($"--captions {file} is empty; its first line must name the columns.");
        var header = rows.Current;
        int image = header.IndexOf(Choose(header, imageColumn, ImageNames, "--image-column", file));
        int caption = header.IndexOf(Choose(header, captionColumn, CaptionNames, "--caption-column", file));
        var found = new List<(string?, string?)>();
        while (rows.MoveNext())
            found.Add((rows.Current.ElementAtOrDefault(image), rows.Current.ElementAtOrDefault(caption)));
        return found;
    }

    private static List<(string?, string?)> FromJson(string file, string? imageColumn, string? captionColumn)
    {
        var found = new List<(string?, string?)>();
        string? image = null, caption = null;
        int number = 0;
        foreach (string line in File.ReadLines(file))
        {
            number++;
            if (string.IsNullOrWhiteSpace(line))
                continue;
            try
            {
                using var row = JsonDocument.Parse(line);
                var header = row.RootElement.EnumerateObject().Select(property => property.Name).ToList();
                image ??= Choose(header, imageColumn, ImageNames, "--image-column", file);
                caption ??= Choose(header, captionColumn, CaptionNames, "--caption-column", file);
                found.Add((Text(row.RootElement, image), Text(row.RootElement, caption)));
            }
            catch (Exception wrong) when (wrong is JsonException or InvalidOperationException)
            {
                throw new BadInputException($"{file}:{number} is no JSON object; write one a line, like {{\"file\": \"a.jpg\", \"caption\": \"a cat\"}}.");
            }
        }
        return found.Count > 0 ? found : throw new BadInputException($"--captions {file} is empty; write a JSON object a line.");
    }

    private static string? Text(JsonElement row, string column) =>
        row.TryGetProperty(column, out var value) && value.ValueKind is not (JsonValueKind.Null or JsonValueKind.Undefined) ? value.ToString() : null;

    private static string Choose(List<string> header, string? named, string[] usual, string option, string file)
    {
        string? found = named is not null
            ? header.FirstOrDefault(column => column == named)
            : usual.Select(name => header.FirstOrDefault(column => column.Equals(name, StringComparison.OrdinalIgnoreCase))).FirstOrDefault(column => column is not null);
        return found ?? throw new BadInputException(
            $"{file} has no column {(named is null ? $"under a usual name ({string.Join(", ", usual.Take(4))}, …)" : $"'{named}'")}; its columns are {string.Join(", ", header)}. Name one in {option}.");
    }
}
