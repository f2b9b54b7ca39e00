using System.Text;
using System.Text.RegularExpressions;
using ClipDistributed.Contracts.Files;
using ClipDistributed.Data.Tokens;

namespace ClipDistributed.Data.Packing.Lists;

/// <summary>
/// Finds the file that a list names: as it stands, else below the given folders, beside the list, below the working directory. A path
/// that leads nowhere is never replaced by another of the same name, unless names are to match.
/// </summary>
internal sealed partial class ImageFinder
{
    private const string AddressOnly = "names a URL; only files are packed: download it, and list the file";

    private readonly string list, listName;
    private readonly IReadOnlyList<string> folders;
    private readonly HashSet<string> known;
    private readonly ILookup<string, string> composed; // some systems take the accents in file names apart, lists seldom do
    private readonly ILookup<string, string>? byName;
    private readonly Lazy<Dictionary<string, string>> byRealPath; // most lists spell folders as they are given
    private readonly Dictionary<string, string> realFolders = new(StringComparer.Ordinal);

    /// <param name="list">The list's file.</param>
    /// <param name="folders">Full paths.</param>
    /// <param name="images">Full paths of the images found in the folders.</param>
    /// <param name="matchNames">Takes the one file of the same name where a path leads nowhere.</param>
    public ImageFinder(string list, IReadOnlyList<string> folders, IReadOnlyCollection<string> images, bool matchNames)
    {
        this.list = Path.GetFullPath(list);
        listName = Path.GetFileName(list);
        this.folders = folders;
        known = new HashSet<string>(images, StringComparer.Ordinal);
        composed = images.Where(path => !Ascii.IsValid(path)).ToLookup(CanonicalForm.Compose, StringComparer.Ordinal);
        byRealPath = new(() => images.GroupBy(Real).ToDictionary(same => same.Key, same => same.First(), StringComparer.Ordinal));
        byName = matchNames ? images.ToLookup(path => CanonicalForm.Compose(Path.GetFileName(path)), StringComparer.Ordinal) : null;
    }

    public string Missing => $"is named in {listName} but does not exist";

    public string Ambiguous => $"is named in {listName}, and several files answer to it";

    public string NotListed => $"is not in {listName}";

    /// <param name="image">As the list writes it.</param>
    public FoundImage Find(string image)
    {
        string text = image.Trim();
        if (text.StartsWith("data:", StringComparison.OrdinalIgnoreCase))
            return new FoundImage(null, "holds the image itself (a data: URL), not a path");
        if (Url().IsMatch(text) && !text.StartsWith("file:", StringComparison.OrdinalIgnoreCase))
            return byName is null ? new FoundImage(null, AddressOnly) : ByName(text.Split('?', '#')[0]);
        foreach (string spelling in Spellings(image))
        {
            if (ByPath(spelling) is { } found)
                return found;
        }
        return byName is null ? new FoundImage(null, Missing) : ByName(text);
    }

    /// <summary>Without the <c>#0</c> that numbers the captions of an image.</summary>
    public static string WithoutNumber(string image) => Number().Replace(image, "");

    private FoundImage? ByPath(string path)
    {
        if (Path.IsPathRooted(path))
            return Existing(path) is { } rooted ? new FoundImage(rooted) : null;
        string[] below = [.. folders.Select(folder => Existing(Path.Combine(folder, path))).OfType<string>().Distinct()];
        if (below.Length > 1)
            return new FoundImage(null, Ambiguous, string.Join(", ", below));
        string? found = below.FirstOrDefault() ?? Existing(Path.Combine(Path.GetDirectoryName(list)!, path)) ?? Existing(path);
        return found is null ? null : new FoundImage(found);
    }

    private string? Existing(string path)
    {
        if (path.Contains('\0', StringComparison.Ordinal))
            return null;
        string full = Path.GetFullPath(path);
        if (known.Contains(full))
            return full;
        if (File.Exists(full))
            return byRealPath.Value.GetValueOrDefault(Real(full), Real(full));
        string[] alike = Ascii.IsValid(full) ? [] : [.. composed[CanonicalForm.Compose(full)].Take(2)];
        return alike.Length == 1 ? alike[0] : null;
    }

    /// <summary>The folder without links; the file itself may be one, and is then an image of its own.</summary>
    private string Real(string path) =>
        Path.Combine(RealPath.OfKnownFolder(Path.GetDirectoryName(path)!, realFolders), Path.GetFileName(path));

    /// <summary>The files of this name; of several the one whose folders agree furthest with the list's path.</summary>
    private FoundImage ByName(string path)
    {
        foreach (string spelling in Spellings(path))
        {
            string[] parts = spelling.Split('/');
            var named = byName![CanonicalForm.Compose(parts[^1])];
            var candidates = named.Select(file => (File: file, Agreeing: Agreeing(file, parts))).ToList();
            int most = candidates.Select(candidate => candidate.Agreeing).DefaultIfEmpty().Max();
            string[] best = [.. candidates.Where(candidate => candidate.Agreeing == most).Select(candidate => candidate.File).Take(5)];
            if (best.Length > 0)
                return best.Length == 1 ? new FoundImage(best[0]) : new FoundImage(null, Ambiguous, string.Join(", ", best));
        }
        return new FoundImage(null, Missing);
    }

    private static int Agreeing(string file, string[] parts)
    {
        string[] own = file.Split('/');
        int count = 0;
        while (count < Math.Min(own.Length, parts.Length) && own[^(count + 1)] == parts[^(count + 1)])
            count++;
        return count;
    }

    /// <summary>As written first; then what other systems and tools make of the same path.</summary>
    private static IEnumerable<string> Spellings(string image)
    {
        string trimmed = image.Trim();
        var spellings = new List<string> { image, trimmed };
        if (trimmed.StartsWith("file:", StringComparison.OrdinalIgnoreCase))
            spellings.Add(Uri.UnescapeDataString(FileScheme().Replace(trimmed, "")));
        spellings.Add(trimmed.Replace('\\', '/'));
        if (trimmed.Contains('%', StringComparison.Ordinal))
            spellings.Add(Uri.UnescapeDataString(trimmed));
        spellings.AddRange(spellings.ConvertAll(WithoutNumber));
        return spellings.Where(spelling => spelling != "").Distinct(StringComparer.Ordinal);
    }

    [GeneratedRegex("^[A-Za-z][A-Za-z0-9+.-]+://")]
    private static partial Regex Url();

    /// <summary>file:///a, file://localhost/a and file:/a.</summary>
    [GeneratedRegex("^file:(//(localhost)?(?=/))?", RegexOptions.IgnoreCase)]
    private static partial Regex FileScheme();

    [GeneratedRegex(@"#\d{1,3}\s*$")]
    private static partial Regex Number();
}
