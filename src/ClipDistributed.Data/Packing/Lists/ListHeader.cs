using ClipDistributed.Contracts.Errors;

namespace ClipDistributed.Data.Packing.Lists;

/// <summary>How a list of separated values is laid out, found from its first line.</summary>
/// <param name="Separator">Between values.</param>
/// <param name="SkippedLines">1 where the first line is <c>sep=;</c>, which names the separator, else 0.</param>
/// <param name="HasNames">The first row names the columns.</param>
/// <param name="Image">The place of the column of images, from 0.</param>
/// <param name="Caption">The place of the column of captions, from 0.</param>
/// <param name="Columns">How many there are.</param>
/// <param name="Words">For the user: the columns and the separator.</param>
internal sealed record ListHeader(char Separator, int SkippedLines, bool HasNames, int Image, int Caption, int Columns, string Words)
{
    /// <summary>
    /// Takes the separator that gives a column of images and one of captions. Without names two columns will do, where one of them
    /// holds the name of an image file.
    /// </summary>
    /// <exception cref="BadInputException">The file is empty, or no separator gives both columns.</exception>
    public static ListHeader Find(ListOptions options)
    {
        char? stated = Stated(options.File);
        int skipped = stated is null ? 0 : 1;
        char? known = options.Separator ?? stated;
        char[] candidates = known is { } only ? [only] : [.. Lists.Separator.Usual(options.File)];
        var firsts = candidates.Select(separator => (Separator: separator, Values: First(options.File, separator, skipped))).ToList();
        var columns = new ListColumns(options);
        foreach (var (separator, values) in firsts)
        {
            if (columns.ByName(values) is { } places)
                return Of(separator, values, places.Image, places.Caption);
        }
        foreach (var (separator, values) in firsts)
        {
            if (columns.WithoutNames(values) is { } places)
                return Of(separator, values, places.Image, places.Caption);
        }
        var (best, header) = firsts.MaxBy(first => first.Values.Count);
        if (columns.Image(header) is >= 0 and int same && columns.Caption(header) == same)
        {
            throw new BadInputException(
                $"{options.File}: column '{header[same]}' cannot hold both images and captions; name another in --caption-column.");
        }
        throw columns.Missing(header, Note(columns, header, best));

        ListHeader Of(char separator, List<string> values, int image, int caption)
        {
            bool hasNames = !ListColumns.IsImageName(values[image]);
            string found = hasNames
                ? $"columns {values[image].Trim()} and {values[caption].Trim()}"
                : $"columns {image + 1} and {caption + 1}, no header";
            string words = $"{found}, separator {Lists.Separator.NameOf(separator)}";
            return new ListHeader(separator, skipped, hasNames, image, caption, values.Count, words);
        }
    }

    /// <summary>Rows behind the header.</summary>
    public IEnumerable<SeparatedRow> Rows(string file)
    {
        using var reader = ListFile.Open(file);
        for (int i = 0; i < SkippedLines; i++)
            reader.ReadLine();
        foreach (var row in Filled(reader, Separator, file, SkippedLines).Skip(HasNames ? 1 : 0))
            yield return row;
    }

    /// <summary>What the user should know of the first line where columns are missing in it.</summary>
    private static string Note(ListColumns columns, List<string> header, char separator)
    {
        if (header.Count == 1)
        {
            char? mark = header[0].Distinct().Where(Lists.Separator.IsAllowed).Cast<char?>()
                .FirstOrDefault(mark => header[0].Split(mark!.Value) is var values
                    && (columns.ByName(values) ?? columns.WithoutNames(values)) is not null);
            return mark is { } found
                ? $" (the first line looks like one column; say --separator {Lists.Separator.NameOf(found)})"
                : " (the first line looks like one column; name what separates its values in --separator)";
        }
        return header.Exists(ListColumns.IsImageName)
            ? " (the first line seems to name none: give their numbers, from 1)"
            : $" (separator {Lists.Separator.NameOf(separator)}; name another in --separator)";
    }

    /// <summary>Spreadsheets write and read a first line <c>sep=;</c>.</summary>
    private static char? Stated(string file)
    {
        using var reader = ListFile.Open(file);
        char[] start = new char[8];
        string line = new string(start, 0, reader.ReadBlock(start)).Split('\n', '\r')[0].Replace("\"", "", StringComparison.Ordinal);
        return line.Length == 5 && line.StartsWith("sep=", StringComparison.OrdinalIgnoreCase) ? line[4] : null;
    }

    private static List<string> First(string file, char separator, int skippedLines)
    {
        using var reader = ListFile.Open(file);
        for (int i = 0; i < skippedLines; i++)
            reader.ReadLine();
        return Filled(reader, separator, file, skippedLines).FirstOrDefault()?.Values
            ?? throw new BadInputException($"--captions {file} is empty; its first line must name the columns.");
    }

    /// <summary>Rows of separators alone are what spreadsheets make of empty ones.</summary>
    private static IEnumerable<SeparatedRow> Filled(StreamReader reader, char separator, string file, int skippedLines) =>
        new SeparatedValues(reader, separator, file, 1 + skippedLines).Rows()
            .Where(row => !row.Values.TrueForAll(string.IsNullOrWhiteSpace));
}
