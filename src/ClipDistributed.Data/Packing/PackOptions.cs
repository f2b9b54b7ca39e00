using ClipDistributed.Contracts.Errors;
using ClipDistributed.Data.Images;
using ClipDistributed.Data.Packing.Lists;
using ClipDistributed.Data.Packing.Pictures;

namespace ClipDistributed.Data.Packing;

/// <summary>What is packed, and how.</summary>
/// <param name="Folders">Searched with their sub-folders; hidden files and linked folders are passed over.</param>
/// <param name="Output">The folder of the shards.</param>
/// <param name="Captions">Where captions come from: auto, sidecar, names, folders, or a list's path.</param>
public sealed record PackOptions(IReadOnlyList<string> Folders, string Output, string Captions = PackOptions.Auto)
{
    /// <summary>Sidecars where there is any, else names.</summary>
    public const string Auto = "auto";

    public const string Sidecar = "sidecar";
    public const string Names = "names";

    /// <summary>The name of the class folder.</summary>
    public const string ClassFolders = "folders";

    /// <summary>The list's column of files, by name or by number from 1; null: found by its usual names.</summary>
    public string? ImageColumn { get; init; }

    /// <summary>The list's column of captions, by name or by number from 1; null: found by its usual names.</summary>
    public string? CaptionColumn { get; init; }

    /// <summary>Between the list's values, a character or its name; null: found from its first line.</summary>
    public string? Separator { get; init; }

    /// <summary>Where a path in the list leads nowhere, the file of the same name is taken, of several the one whose folders agree
    /// furthest.</summary>
    public bool MatchNames { get; init; }

    /// <summary>The first folder below a given one is the class: written as a number, with the names in classes.txt.</summary>
    public bool Labels { get; init; }

    /// <summary>The shortest side of larger images becomes this; null: images keep their size.</summary>
    public int? Resize { get; init; }

    /// <summary>
    /// The colour below transparent pixels, <c>white</c>, <c>black</c> or <c>#rrggbb</c>; null: the file stays, and training drops its
    /// alpha.
    /// </summary>
    public string? Background { get; init; }

    /// <summary>Of JPEGs that had to be changed, 1 to 100.</summary>
    public int Quality { get; init; } = 95;

    /// <summary>Rows of a shard at most.</summary>
    public int RowsPerShard { get; init; } = 10_000;

    /// <summary>Bytes of the images of a shard at most, or one image.</summary>
    public long ShardBytes { get; init; } = 256_000_000;

    /// <summary>An image with more pixels is left out.</summary>
    public long MaxPixels { get; init; } = 100_000_000;

    /// <summary>Images in work at once; the result does not depend on it.</summary>
    public int Workers { get; init; } = Environment.ProcessorCount;

    /// <summary>Replaces what was packed into the folder before.</summary>
    public bool Overwrite { get; init; }

    /// <summary>Captions come from a list, which names the images too.</summary>
    internal bool HasList => Captions is not (Auto or Sidecar or Names or ClassFolders);

    /// <exception cref="BadInputException">Values out of their ranges; all of them.</exception>
    public void Check()
    {
        var errors = new List<string>();
        foreach (string folder in Folders.Where(folder => !Directory.Exists(folder)))
            errors.Add(NoFolder(folder));
        if (Resize is < 16 or > 8192)
            errors.Add($"--resize is {Resize}; use 16 to 8192 pixels.");
        if (Background is not null && Pictures.Background.TryParse(Background) is null)
            errors.Add($"--background is '{Background}'; use white, black or #rrggbb.");
        if (Quality is < 1 or > 100)
            errors.Add($"--quality is {Quality}; use 1 to 100.");
        if (RowsPerShard < 1)
            errors.Add($"--rows-per-shard is {RowsPerShard}; use 1 or more.");
        if (ShardBytes < 1_000_000)
            errors.Add($"--shard-size is {ShardBytes / 1e6:0.###} MB; use 1 or more.");
        if (Workers < 1)
            errors.Add($"--workers is {Workers}; use 1 or more.");
        if (MaxPixels is < 1 or > ImageDecoder.MaxPixels)
            errors.Add($"--max-pixels is {MaxPixels}; use 1 to {ImageDecoder.MaxPixels}.");
        if (Separator is not null && Lists.Separator.TryParse(Separator) is null)
            errors.Add($"--separator is '{Separator}'; use one character, or comma, tab, semicolon or pipe.");
        if (!HasList)
        {
            errors.AddRange(ListOptionsSet().Select(option =>
                $"{option} says how a list is read, but --captions is {Captions}; name a .csv, .tsv or .jsonl file there."));
        }
        if (Captions == ClassFolders && !Labels)
            errors.Add("--captions folders needs --labels folders, which says what the class folders are.");
        if (Folders.Any(folder => Path.GetFullPath(folder) == Path.GetFullPath(Output)))
            errors.Add($"--out {Output} is one of the folders of images; name another.");
        if (errors.Count > 0)
            throw new BadInputException(errors);
    }

    private string NoFolder(string path)
    {
        if (!File.Exists(path))
            return $"{path} is not a folder; name folders of images.";
        return CaptionList.IsList(path)
            ? $"{path} is a file; name the folder of its images, and the list in --captions: "
                + $"clipd data pack FOLDER --captions {path} --out {Output}"
            : $"{path} is a file; name the folder that it lies in.";
    }

    private IEnumerable<string> ListOptionsSet()
    {
        if (ImageColumn is not null)
            yield return "--image-column";
        if (CaptionColumn is not null)
            yield return "--caption-column";
        if (Separator is not null)
            yield return "--separator";
        if (MatchNames)
            yield return "--match-names";
    }
}
