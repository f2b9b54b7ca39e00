using System.Security.Cryptography;
using System.Text;
using ClipDistributed.Contracts.Errors;

namespace ClipDistributed.Data.Packing;

/// <summary>All that may become rows, in their order, with the classes.</summary>
/// <param name="Items">In the order of the rows.</param>
/// <param name="Captions">Where captions come from, in words.</param>
/// <param name="Classes">Names in the order of their numbers; null: there are no labels.</param>
internal sealed record PackList(IReadOnlyList<PackItem> Items, string Captions, IReadOnlyList<string>? Classes)
{
    private const string NoCaption = "has no caption";

    /// <exception cref="BadInputException">Nothing is found, or the table of captions cannot be read.</exception>
    public static PackList Make(PackOptions options)
    {
        var files = ImageFolder.List(options.Folders);
        if (files.Count == 0)
            throw new BadInputException($"{string.Join(", ", options.Folders)}: there are no files that end in jpg, jpeg, png, webp, gif or bmp; name a folder of images.");
        var classes = options.Labels ? ClassNames(files) : null;
        if (classes is not null)
            files = [.. files.Select(item => WithLabel(item, classes))];
        IReadOnlyList<string>? names = classes is null ? null : ForPrompts(classes);
        return options.Captions switch
        {
            PackOptions.Auto when files.Any(item => File.Exists(SidecarOf(item.Path))) => new PackList(files, "the .txt files beside the images", names),
            PackOptions.Sidecar => new PackList(files, "the .txt files beside the images", names),
            PackOptions.ClassFolders => new PackList([.. files.Select(item => item with { Caption = item.Label is { } label ? names![label] : null })], "the class folders", names),
            PackOptions.Auto or PackOptions.Names => new PackList([.. files.Select(FromName)], "the file names", names),
            var table => new PackList([.. FromTable(files, CaptionTable.Read(table, options.ImageColumn, options.CaptionColumn), table)], table, names),
        };
    }

    public static string SidecarOf(string image) => Path.ChangeExtension(image, ".txt");

    /// <summary>Changes where a file or a caption changes; sidecars count by size and time.</summary>
    public string Digest()
    {
        using var sum = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var item in Items)
            sum.AppendData(Encoding.UTF8.GetBytes($"{item.Path}\0{Stamp(item.Path)}\0{item.Caption ?? Stamp(SidecarOf(item.Path))}\0{item.Problem}\0{item.Label}\n"));
        return Convert.ToHexStringLower(sum.GetHashAndReset());
    }

    private static string Stamp(string path) => path != "" && new FileInfo(path) is { Exists: true } file ? $"{file.Length} {file.LastWriteTimeUtc.Ticks}" : "";

    private static PackItem FromName(PackItem item) =>
        NameCaption.Of(item.Path) is { } caption ? item with { Caption = caption } : item with { Problem = item.Problem ?? "has no words in its name" };

    private static IEnumerable<PackItem> FromTable(List<PackItem> files, List<(string? Image, string? Caption)> rows, string table)
    {
        string name = Path.GetFileName(table);
        var byName = files.ToLookup(item => item.Name);
        var byFileName = files.ToLookup(item => Path.GetFileName(item.Name));
        var captions = new Dictionary<string, List<string?>>();
        var missing = new List<PackItem>();
        foreach (var (image, caption) in rows)
        {
            if (Find(image ?? "") is not { } item)
                missing.Add(new PackItem("", image ?? "(no name)", Problem: $"is named in {name} but is not there, or not once"));
            else if (captions.TryGetValue(item.Path, out var known))
                known.Add(caption);
            else
                captions.Add(item.Path, [caption]);
        }
        foreach (var item in files)
        {
            if (!captions.TryGetValue(item.Path, out var texts))
                yield return item with { Problem = $"is not in {name}" };
            foreach (string? text in texts ?? [])
                yield return string.IsNullOrWhiteSpace(text) ? item with { Problem = item.Problem ?? NoCaption } : item with { Caption = text.Trim() };
        }
        foreach (var item in missing.OrderBy(item => item.Name, StringComparer.Ordinal))
            yield return item;

        // As the table writes it, below one of the folders; else the last part of a path or an address, where only one file has it.
        PackItem? Find(string image)
        {
            image = image.Replace('\\', '/');
            image = image.StartsWith("./", StringComparison.Ordinal) ? image[2..] : image;
            if (byName[image].FirstOrDefault() is { } exact)
                return exact;
            string last = image.Split('?')[0].Split('/')[^1];
            var candidates = byFileName[last].Take(2).ToList();
            return candidates.Count == 1 ? candidates[0] : null;
        }
    }

    private static List<string> ClassNames(List<PackItem> files)
    {
        List<string> classes = [.. files.Where(item => item.Name.Contains('/')).Select(item => item.Name.Split('/')[0]).Distinct().Order(StringComparer.Ordinal)];
        return classes.Count > 0 ? classes : throw new BadInputException("--labels folders: no image lies in a sub-folder; put each class into a folder of its own.");
    }

    private static PackItem WithLabel(PackItem item, List<string> classes) => item.Name.Contains('/')
        ? item with { Label = classes.BinarySearch(item.Name.Split('/')[0], StringComparer.Ordinal) }
        : item with { Problem = "lies in no class folder" };

    /// <summary>golden_retriever is "golden retriever" in a prompt, unless another class would have the same name.</summary>
    private static List<string> ForPrompts(List<string> classes)
    {
        var spaced = classes.ConvertAll(name => name.Replace('_', ' ').Trim());
        return spaced.Distinct().Count() == spaced.Count && !spaced.Contains("") ? spaced : classes;
    }
}
