using System.Collections.Concurrent;
using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Spec.V1;
using ClipDistributed.Data.Shards;

namespace ClipDistributed.Data.Manifests;

/// <summary>Finds and describes the shards of one source of a spec.</summary>
/// <param name="place">Where the source stands in the spec; begins every error; "": nothing does, the paths say it.</param>
internal sealed class SourceShards(SourceSpec source, string place, ColumnNeeds needs)
{
    private const int MaxLines = 5, FilesLookedAt = 1000;
    private const int FilesAtOnce = 8; // hides the latency of a network file system
    private static readonly string Remedy = $"name a shard ({ShardFormats.OneOf}), a folder of them, or a pattern";

    private static readonly string[] ImageEndings = [".jpg", ".jpeg", ".png", ".webp", ".gif", ".bmp", ".tif", ".tiff", ".avif", ".jp2"];

    private readonly List<string> errors = [], notices = [];

    /// <summary>All that is wrong with it.</summary>
    public IReadOnlyList<string> Errors => errors;

    /// <summary>A line for each file that contributes nothing, or less than it should.</summary>
    public IReadOnlyList<string> Notices => notices;

    /// <summary>Whether a place is a field of a spec, not an option of a command.</summary>
    public static bool IsField(string place) => place.Contains('.', StringComparison.Ordinal);

    /// <summary>By ordinal path; those without rows, and those that cannot be used, are left out.</summary>
    /// <param name="cache">What is known of shards already; null: nothing.</param>
    public IReadOnlyList<ShardEntry> Read(ManifestCache? cache, CancellationToken cancel)
    {
        if (Find() is not { } paths)
            return [];
        var known = cache?.Open(source, needs);
        var entries = new ShardEntry?[paths.Files.Count];
        var failures = new ConcurrentDictionary<int, IReadOnlyList<string>>();
        Parallel.For(0, entries.Length, new ParallelOptions { MaxDegreeOfParallelism = FilesAtOnce, CancellationToken = cancel }, i =>
        {
            try
            {
                string file = paths.Files[i];
                entries[i] = known is null ? Describe(paths, file) : known.Find(file, () => Describe(paths, file));
            }
            catch (BadInputException e)
            {
                failures[i] = e.Errors;
            }
        });
        if (known is not null)
            cache!.Save(known);
        Report(failures);
        ReportEmpty([.. paths.Files.Where((_, i) => entries[i] is null && !failures.ContainsKey(i))], paths.Files.Count);
        ReportLosses([.. entries.Where(entry => entry?.Loss is not null).Select(entry => entry!)]);
        return [.. entries.OfType<ShardEntry>()];
    }

    private ShardEntry? Describe(ShardPaths paths, string file) => ShardDescription.Read(file, source, needs) is { } shard
        ? shard with { Name = Path.GetRelativePath(paths.Root, file).Replace('\\', '/') }
        : null;

    private ShardPaths? Find()
    {
        if (source.Path.Length == 0)
        {
            errors.Add($"{(place == "" ? "the path" : PathOf(place))} is empty; {Remedy}.");
            return null;
        }
        string absolute = Path.GetFullPath(source.Path);
        try
        {
            if (ShardPaths.Find(absolute) is { } paths)
            {
                if (paths.Files.Count > 0)
                    return paths;
                errors.Add(Before(PathOf(place)) + (Directory.Exists(absolute)
                    ? $"{absolute} has no shards ({ShardListing.Kinds}), nor have its sub-folders; {RemedyFor(absolute)}."
                    : $"{absolute} matches no shards ({ShardListing.Kinds}); {Remedy}."));
                return null;
            }
            errors.Add($"{Before(PathOf(place))}{absolute} does not exist; {Remedy}.");
        }
        catch (BadInputException unreadable)
        {
            errors.AddRange(unreadable.Errors.Select(error => $"{Before(PathOf(place))}{error}"));
        }
        return null;
    }

    /// <summary>Images are looked for among the first files alone: the folder may hold millions of anything.</summary>
    private string RemedyFor(string folder) =>
        Directory.EnumerateFiles(folder, "*", new EnumerationOptions { RecurseSubdirectories = true }).Take(FilesLookedAt)
            .Any(file => ImageEndings.Contains(Path.GetExtension(file).ToLowerInvariant()))
            ? $"it holds images, of which clipd data pack {folder}{(needs.Labels == ColumnNeed.Required ? " --labels folders" : "")} "
                + $"--out DIR makes some"
            : "name a folder that has some";

    private void Report(ConcurrentDictionary<int, IReadOnlyList<string>> failures)
    {
        var found = failures.OrderBy(failure => failure.Key).SelectMany(failure => failure.Value).ToList();
        errors.AddRange(found.Take(MaxLines).Select(error => $"{Before(place)}{error}"));
        if (found.Count > MaxLines)
            errors.Add($"{Before(place)}{Counted.Plain(found.Count - MaxLines, "more error")} in other shards of this source.");
    }

    private void ReportEmpty(string[] empty, int all)
    {
        if (empty.Length == all)
        {
            string others =
                empty.Length > 1
                    ? $", and neither {(empty.Length == 2 ? "has the other file" : $"has any of the {empty.Length - 1} other files")}"
                    : "";
            errors.Add($"{Before(place)}{empty[0]} has no rows{others}; name data that has some.");
            return;
        }
        foreach (string path in empty.Take(MaxLines))
            notices.Add($"{Before(place)}{path} has no rows{(new FileInfo(path).Length == 0 ? " (0 bytes)" : "")}; it contributes nothing");
        if (empty.Length > MaxLines)
        {
            notices.Add(
                $"{Before(place)}{Counted.Plain(empty.Length - MaxLines, "more file")} "
                    + $"{(empty.Length - MaxLines == 1 ? "has" : "have")} no rows");
        }
    }

    private void ReportLosses(ShardEntry[] broken)
    {
        foreach (var shard in broken.Take(MaxLines))
            notices.Add($"{Before(place)}{shard.Path} is damaged: {shard.Loss}");
        if (broken.Length > MaxLines)
        {
            notices.Add(
                $"{Before(place)}{Counted.Plain(broken.Length - MaxLines, "more shard")} of this source lost rows; "
                    + "clipd data verify lists them");
        }
    }

    private static string PathOf(string place) => IsField(place) ? $"{place}.path" : place;

    private static string Before(string place) => place == "" ? "" : $"{place}: ";
}
