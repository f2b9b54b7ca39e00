using System.Globalization;
using ClipDistributed.Contracts.Errors;

namespace ClipDistributed.Data.Packing.Lists;

/// <summary>Which columns hold images and captions: the named ones, else the first of the usual names.</summary>
/// <param name="options">The columns that the user names.</param>
internal sealed class ListColumns(ListOptions options)
{
    private const int MaxShown = 40;

    // In the order of preference: where an address is listed beside a path, the path leads to the file.
    private static readonly string[] ImageNames =
    [
        "file", "file_name", "filename", "filepath", "file_path", "path", "image", "image_path", "image_file", "image_name",
        "image_filename", "img", "img_path", "img_name", "images", "url", "image_url",
    ];

    private static readonly string[] CaptionNames =
        ["caption", "captions", "text", "txt", "title", "description", "alt", "alt_text", "prompt", "sentence", "sentences", "comment",
            "raw"];

    // Only these decide whether a first line is a row: a header may hold dots too.
    private static readonly string[] Extensions =
        [".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".webp", ".gif", ".bmp", ".tif", ".tiff", ".avif", ".heic", ".jp2"];

    /// <returns>Its place in the header, or -1.</returns>
    public int Image(IReadOnlyList<string> header) => Find(header, options.ImageColumn, ImageNames, "--image-column");

    /// <inheritdoc cref="Image"/>
    public int Caption(IReadOnlyList<string> header) => Find(header, options.CaptionColumn, CaptionNames, "--caption-column");

    /// <summary>The places of both columns; null: one is missing, or they are the same.</summary>
    public (int Image, int Caption)? ByName(IReadOnlyList<string> header) =>
        Image(header) is >= 0 and int image && Caption(header) is >= 0 and int caption && image != caption ? (image, caption) : null;

    /// <summary>
    /// The places in a first row that names no columns: of two values the one that is the name of an image file, and the other.
    /// </summary>
    public (int Image, int Caption)? WithoutNames(IReadOnlyList<string> row)
    {
        if (options.ImageColumn is not null || options.CaptionColumn is not null || row.Count != 2
            || IsImageName(row[0]) == IsImageName(row[1]))
        {
            return null;
        }
        int image = IsImageName(row[0]) ? 0 : 1;
        return (image, 1 - image);
    }

    /// <summary>The value reads as the name of an image file, so its line is not a header.</summary>
    public static bool IsImageName(string value)
    {
        string name = ImageFinder.WithoutNumber(value.Trim());
        return Extensions.Any(extension => name.Length > extension.Length && name.EndsWith(extension, StringComparison.OrdinalIgnoreCase));
    }

    /// <param name="header">The columns that there are.</param>
    /// <param name="note">What else the user should know of how they were found.</param>
    public BadInputException Missing(IReadOnlyList<string> header, string note)
    {
        var errors = new List<string>();
        if (Image(header) < 0)
            errors.Add(Error("images", options.ImageColumn, ImageNames, "--image-column"));
        if (Caption(header) < 0)
            errors.Add(Error("captions", options.CaptionColumn, CaptionNames, "--caption-column"));
        return new BadInputException(errors);

        string Error(string what, string? named, string[] usual, string option)
        {
            string column = named is null ? $"of {what} under a usual name ({string.Join(", ", usual.Take(5))}, …)" : $"'{named}'";
            string there = string.Join(", ",
                header.Take(20).Select(column => Excerpt.Of(column, MaxShown))) + (header.Count > 20 ? ", …" : "");
            return $"{options.File} has no column {column}; its columns{note} are {there}. Name one in {option}.";
        }
    }

    private int Find(IReadOnlyList<string> header, string? named, string[] usual, string option)
    {
        if (named is not null)
            return Named(header, named, option);
        foreach (string name in usual)
        {
            if (Only(header, column => Plain(column) == name, option) is >= 0 and int found)
                return found;
        }
        return -1;
    }

    private int Named(IReadOnlyList<string> header, string named, string option)
    {
        if (Only(header, column => column == named, option) is >= 0 and int exact)
            return exact;
        if (Only(header, column => Plain(column) == Plain(named), option) is >= 0 and int alike)
            return alike;
        bool isNumber = int.TryParse(named, NumberStyles.None, CultureInfo.InvariantCulture, out int number);
        return isNumber && number <= header.Count ? number - 1 : -1;
    }

    private int Only(IReadOnlyList<string> header, Predicate<string> isIt, string option)
    {
        int[] found = [.. Enumerable.Range(0, header.Count).Where(i => isIt(header[i])).Take(2)];
        return found.Length < 2
            ? found.FirstOrDefault(-1)
            : throw new BadInputException(
                $"{options.File} has two columns '{Excerpt.Of(header[found[1]], MaxShown)}' (columns {found[0] + 1} and {found[1] + 1}); "
                    + $"name one by its number in {option}."
            );
    }

    /// <summary>"Image Path" and "image-path" are image_path; marks, blanks and a # before a name are none of it.</summary>
    private static string Plain(string column) =>
        column.Trim().Trim('\uFEFF', '\u200B', '#').Trim().ToLowerInvariant().Replace(' ', '_').Replace('-', '_');
}
