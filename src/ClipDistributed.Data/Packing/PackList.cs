using System.Security.Cryptography;
using System.Text;
using ClipDistributed.Contracts.Errors;
using ClipDistributed.Data.Images;
using ClipDistributed.Data.Packing.Lists;

namespace ClipDistributed.Data.Packing;

/// <summary>All that may become rows, in their order, with the classes.</summary>
/// <param name="Items">In the order of the rows.</param>
/// <param name="Captions">Where captions come from, in words.</param>
/// <param name="Classes">Names in the order of their numbers; null: there are no labels.</param>
internal sealed record PackList(IReadOnlyList<PackItem> Items, string Captions, IReadOnlyList<string>? Classes)
{
    private const string NoClass = "lies in no class folder";
    private const int MaxLeftOut = 1_000; // a stop waits for no more

    /// <exception cref="BadInputException">Nothing is found, or the list of captions cannot be read.</exception>
    public static PackList Make(PackOptions options)
    {
        var (files, others) = ImageFolder.List(options.Folders, options.Output);
        if (files.Count == 0 && !options.HasList)
        {
            throw new BadInputException(
                [$"{string.Join(", ", options.Folders)}: there are no images ({ImageFormats.Known}); name a folder that has some.",
                    .. others.GroupBy(file => file.Problem).OrderByDescending(reason => reason.Count()).Select(reason =>
                        $"{reason.Count():N0} left out: {reason.Key} (first: {reason.First().Path})")]);
        }
        var classes = options.Labels ? ClassNames(files) : null;
        if (classes is not null)
            files = [.. files.Select(item => WithLabel(item, classes))];
        IReadOnlyList<string>? names = classes is null ? null : ForPrompts(classes);
        var list = options.Captions switch
        {
            PackOptions.Auto when files.Any(item => File.Exists(SidecarOf(item.Path))) =>
                new PackList(files, "the .txt files beside the images", names),
            PackOptions.Sidecar => new PackList(files, "the .txt files beside the images", names),
            PackOptions.ClassFolders => new PackList(
                [.. files.Select(item => item with { Caption = item.Label is { } label ? names![label] : null })],
                "the class folders",
                names
            ),
            PackOptions.Auto or PackOptions.Names => new PackList([.. files.Select(FromName)], "the file names", names),
            _ => FromList(options, files, names),
        };
        // A list may name what a listing passes over: a hidden file, say.
        var known = list.Items.Select(item => item.Path).Append(Path.GetFullPath(options.Captions)).ToHashSet(StringComparer.Ordinal);
        return list with { Items = [.. list.Items, .. others.Where(item => !known.Contains(item.Path))] };
    }

    /// <summary>A list names the items.</summary>
    public bool IsListed => Items.Any(item => item.Line is not null);

    /// <summary>
    /// The items from a place on; those that follow each other with the same file are together, and so are those that are left out
    /// without opening one: handing over one by one takes longer than what is done with it.
    /// </summary>
    public IEnumerable<IReadOnlyList<PackItem>> ByImage(int start)
    {
        for (int end; start < Items.Count; start = end)
        {
            var first = Items[start];
            int most = first.Problem is null ? Items.Count : Math.Min(Items.Count, start + MaxLeftOut);
            for (end = start + 1; end < most && (first.Problem is null ? Items[end].Path == first.Path : Items[end].Problem is not null);)
                end++;
            yield return Items.Skip(start).Take(end - start).ToList();
        }
    }

    /// <summary>No earlier row has the same file, as far as is known without opening it.</summary>
    public bool IsFirstOfImage(int number)
    {
        string path = Items[number].Path;
        while (--number >= 0 && Items[number].Path == path)
        {
            if (Items[number].Problem is null)
                return false;
        }
        return true;
    }

    public static string SidecarOf(string image) => Path.ChangeExtension(image, ".txt");

    /// <summary>Changes where a file or a caption changes; sidecars count by size and time.</summary>
    public string Digest()
    {
        using var sum = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var item in Items)
        {
            string caption = item.Caption ?? Stamp(SidecarOf(item.Path));
            sum.AppendData(Encoding.UTF8.GetBytes(
                $"{item.Path}\0{Stamp(item.Path)}\0{caption}\0{item.Problem}\0{item.Label}\0{item.Name}\0{item.Line}\n"));
        }
        return Convert.ToHexStringLower(sum.GetHashAndReset());
    }

    private static string Stamp(string path) =>
        path != "" && new FileInfo(path) is { Exists: true } file ? $"{file.Length} {file.LastWriteTimeUtc.Ticks}" : "";

    private static PackItem FromName(PackItem item) =>
        NameCaption.Of(item.Path) is { } caption
            ? item with { Caption = caption }
            : item with { Problem = item.Problem ?? "has no words in its name" };

    private static PackList FromList(PackOptions options, List<PackItem> files, IReadOnlyList<string>? classes)
    {
        string file = options.Captions;
        char? separator = options.Separator is { } given ? Separator.TryParse(given) : null;
        var list = CaptionList.Read(new ListOptions(file, options.ImageColumn, options.CaptionColumn, separator));
        string[] folders = [.. options.Folders.Select(Path.GetFullPath)];
        var finder = new ImageFinder(file, folders, files.ConvertAll(item => item.Path), options.MatchNames);
        var items = ListedItems.Make(files, list, finder);
        if (classes is not null)
            items = items.Select(item => item.Label is null ? item with { Problem = item.Problem ?? NoClass } : item);
        return new PackList([.. items], $"{file} ({list.Columns})", classes);
    }

    private static List<string> ClassNames(List<PackItem> files)
    {
        List<string> classes =
        [
            .. files
                .Where(item => item.Name.Contains('/'))
                .Select(item => item.Name.Split('/')[0])
                .Distinct()
                .Order(StringComparer.Ordinal),
        ];
        return classes.Count > 0
            ? classes
            : throw new BadInputException("--labels folders: no image lies in a sub-folder; put each class into a folder of its own.");
    }

    private static PackItem WithLabel(PackItem item, List<string> classes) => item.Name.Contains('/')
        ? item with { Label = classes.BinarySearch(item.Name.Split('/')[0], StringComparer.Ordinal) }
        : item with { Problem = NoClass };

    /// <summary>golden_retriever is "golden retriever" in a prompt, unless another class would have the same name.</summary>
    private static List<string> ForPrompts(List<string> classes)
    {
        var spaced = classes.ConvertAll(name => name.Replace('_', ' ').Trim());
        return spaced.Distinct().Count() == spaced.Count && !spaced.Contains("") ? spaced : classes;
    }
}
