using System.Text;
using System.Text.Json;
using ClipDistributed.Contracts.Errors;

namespace ClipDistributed.Data.Packing.Lists;

/// <summary>
/// A list in JSON: an object a line, or one document: an array of objects (also as a value of one object), COCO's images and
/// annotations, or an object whose keys are file names.
/// </summary>
internal sealed class JsonRows(ListOptions options)
{
    private const long MaxDocument = 256 << 20;

    private readonly ListColumns columns = new(options);
    private readonly HashSet<string> seen = new(StringComparer.Ordinal); // column names, for the message that lists them
    private string? image, caption;

    /// <exception cref="BadInputException">No JSON of these forms, or no column of images or of captions.</exception>
    public CaptionList Read()
    {
        List<ListRow> rows = [.. IsLines() ? OfLines() : OfDocument()];
        if (rows.Count == 0)
            throw new BadInputException($"--captions {options.File} is empty; write a JSON object a line.");
        if (image is null || caption is null)
            throw columns.Missing([.. seen], "");
        return new CaptionList(rows, $"keys {image} and {caption}");
    }

    /// <summary>The first line is a row by itself, and no whole document.</summary>
    private bool IsLines()
    {
        using var reader = ListFile.Open(options.File);
        string? first = null;
        while (string.IsNullOrWhiteSpace(first) && (first = Line(reader)) is not null)
        {
        }
        try
        {
            using var row = JsonDocument.Parse(first ?? "{}");
            var root = row.RootElement;
            return root.ValueKind == JsonValueKind.Object && !IsCoco(root) && !IsMap(root) && !HoldsRows(root);
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private IEnumerable<ListRow> OfLines()
    {
        using var reader = ListFile.Open(options.File);
        long number = 0;
        while (Line(reader) is { } line)
        {
            number++;
            if (string.IsNullOrWhiteSpace(line))
                continue;
            using var row = Parse(line, number);
            foreach (var one in OfRow(row.RootElement, number))
                yield return one;
        }
    }

    private IEnumerable<ListRow> OfDocument()
    {
        string text = Document();
        using var document = Parse(text, 1);
        var root = document.RootElement;
        if (root.ValueKind == JsonValueKind.Object && IsCoco(root))
            return [.. OfCoco(root)];
        if (root.ValueKind == JsonValueKind.Object && IsMap(root))
            return [.. OfMap(root)];
        if (root.ValueKind == JsonValueKind.Object && HoldsRows(root))
            root = root.EnumerateObject().First(IsRows).Value;
        if (root.ValueKind != JsonValueKind.Array)
            throw NoRows(1);
        return [.. root.EnumerateArray().SelectMany((row, i) => OfRow(row, i + 1))];
    }

    private IEnumerable<ListRow> OfMap(JsonElement root)
    {
        (image, caption) = ("file name", "its value");
        return root.EnumerateObject().SelectMany((entry, i) =>
            CaptionValue.Of(entry.Value).Select(one => ListRow.Of(i + 1, entry.Name, one.Text, one.Problem)));
    }

    private IEnumerable<ListRow> OfRow(JsonElement row, long number)
    {
        if (row.ValueKind != JsonValueKind.Object)
            throw NoRows(number);
        if (image is null || caption is null)
        {
            List<string> header = [.. row.EnumerateObject().Select(property => property.Name)];
            seen.UnionWith(header);
            image ??= columns.Image(header) is >= 0 and int found ? header[found] : null;
            caption ??= columns.Caption(header) is >= 0 and int text ? header[text] : null;
        }
        var (file, problem) = image is not null && row.TryGetProperty(image, out var named) ? FileOf(named) : (null, null);
        if (caption is null || !row.TryGetProperty(caption, out var captions))
            return [ListRow.Of(number, file, null, problem)];
        return [.. CaptionValue.Of(captions).Select(one => ListRow.Of(number, file, one.Text, problem ?? one.Problem))];
    }

    /// <summary>A path, or an object that holds one, as Hugging Face's images do.</summary>
    private static (string? File, string? Problem) FileOf(JsonElement named) => named.ValueKind switch
    {
        JsonValueKind.String => (named.GetString(), null),
        JsonValueKind.Null => (null, null),
        JsonValueKind.Object when named.TryGetProperty("path", out var path) && path.ValueKind == JsonValueKind.String =>
            (path.GetString(), null),
        JsonValueKind.Number => (null, "names its image by a number, not by a path"),
        JsonValueKind.Array => (null, "names its image by a list, not by a path"),
        _ => (null, "names its image by a value without a path"),
    };

    private IEnumerable<ListRow> OfCoco(JsonElement root)
    {
        (image, caption) = ("images.file_name", "annotations.caption");
        var names = new Dictionary<string, string?>(StringComparer.Ordinal);
        foreach (var entry in root.GetProperty("images").EnumerateArray())
        {
            if (entry.ValueKind != JsonValueKind.Object || !entry.TryGetProperty("id", out var id))
                continue;
            if (entry.TryGetProperty("file_name", out var name))
                names[id.GetRawText()] = FileOf(name).File;
        }
        long number = 0;
        foreach (var entry in root.GetProperty("annotations").EnumerateArray())
        {
            number++;
            bool isObject = entry.ValueKind == JsonValueKind.Object;
            string? file = isObject && entry.TryGetProperty("image_id", out var id) ? names.GetValueOrDefault(id.GetRawText()) : null;
            var captions = isObject && entry.TryGetProperty("caption", out var text) ? CaptionValue.Of(text) : [(null, null)];
            foreach (var one in captions)
                yield return ListRow.Of(number, file, one.Text, one.Problem);
        }
    }

    private static bool IsCoco(JsonElement root) =>
        root.TryGetProperty("images", out var images) && images.ValueKind == JsonValueKind.Array
        && root.TryGetProperty("annotations", out var annotations) && annotations.ValueKind == JsonValueKind.Array;

    private static bool IsMap(JsonElement root) =>
        root.EnumerateObject().Select(entry => entry.Name).FirstOrDefault() is { } name && ListColumns.IsImageName(name);

    /// <summary>A row may hold a list of captions that are objects, but names its image beside it.</summary>
    private bool HoldsRows(JsonElement root) =>
        root.EnumerateObject().Any(IsRows)
        && columns.Image([.. root.EnumerateObject().Where(entry => !IsRows(entry)).Select(entry => entry.Name)]) < 0;

    private static bool IsRows(JsonProperty entry) =>
        entry.Value.ValueKind == JsonValueKind.Array && entry.Value.GetArrayLength() > 0
            && entry.Value[0].ValueKind == JsonValueKind.Object;

    private JsonDocument Parse(string text, long line)
    {
        if (text.Contains('\0', StringComparison.Ordinal))
            throw ListFile.NoText(options.File);
        if (JsonEscapes.HasLoneSurrogate(text))
        {
            throw new BadInputException(
                $"{options.File}:{line} escapes half a character (a lone surrogate such as \\ud83d); write the whole pair.");
        }
        try
        {
            return JsonDocument.Parse(text);
        }
        catch (JsonException wrong)
        {
            throw NoRows(line + (wrong.LineNumber ?? 0));
        }
    }

    private BadInputException NoRows(long line) =>
        new(
            $"{options.File}:{line} is not a JSON object (line {line}; it may be cut off); write one a line, like {{\"file\": \"a.jpg\", "
                + $"\"caption\": \"a cat\"}}, "
                + "or an array of them."
        );

    private string Document()
    {
        long bytes = new FileInfo(options.File).Length;
        if (bytes > MaxDocument)
        {
            throw new BadInputException(
                $"--captions {options.File} is one JSON value of {Counted.Of(bytes, "byte")}; write an object a line (JSONL).");
        }
        using var reader = ListFile.Open(options.File);
        return reader.ReadToEnd();
    }

    /// <returns>What is longer than a row is cut: it is not JSON by itself, and a document may be.</returns>
    private static string? Line(StreamReader reader)
    {
        var line = new StringBuilder();
        int next;
        while ((next = reader.Read()) >= 0 && next is not ('\n' or '\r') && line.Length < ListFile.MaxValue)
            line.Append((char)next);
        if (next == '\r' && reader.Peek() == '\n')
            reader.Read();
        return next < 0 && line.Length == 0 ? null : line.ToString();
    }
}
