using System.Collections.Concurrent;
using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Files;
using ClipDistributed.Contracts.Spec.V1;
using ClipDistributed.Data.Shards;
using ClipDistributed.Data.Streams;

namespace ClipDistributed.Data.Manifests;

/// <summary>Makes a dataset manifest from the sources of a spec. Only the footers of the shards are read.</summary>
public static class ManifestBuilder
{
    private const int FilesLookedAt = 1000;

    private static readonly string[] ImageEndings = [".jpg", ".jpeg", ".png", ".webp", ".gif", ".bmp", ".tif", ".tiff", ".avif", ".jp2"];

    private const int FilesAtOnce = 8; // hides the latency of a network file system
    private const int LinesPerSource = 5;

    /// <summary>Lists the shards of every source, in the order of the sources and by ordinal path inside each.</summary>
    /// <param name="sources">Folders, which are searched at any depth, or files.</param>
    /// <param name="key">Where the sources stand in the spec; begins every error; "": nothing does, the paths say it.</param>
    /// <param name="needs">The columns that are wanted; null: those of training.</param>
    /// <param name="notice">Receives a line for each file that contributes nothing, because it has no rows.</param>
    /// <exception cref="BadInputException">All that is wrong with any of the sources.</exception>
    public static DatasetManifest Build(
        IReadOnlyList<SourceSpec> sources, string key = "data.train", ColumnNeeds? needs = null, Action<string>? notice = null,
        CancellationToken cancel = default)
    {
        var errors = new List<string>();
        var shards = new List<ShardEntry>();
        if (sources.Count == 0)
            errors.Add($"{key} is empty; name at least one folder or file of Parquet shards.");
        for (int i = 0; i < sources.Count; i++)
        {
            string place = PlaceOf(key, i);
            var wanted = needs ?? ColumnNeeds.Pairs;
            if (ListFiles(sources[i].Path, place, wanted, errors) is { } files)
                shards.AddRange(ReadFooters(files, sources[i], place, wanted, errors, notice, cancel));
        }
        var realFolders = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var twice in shards.GroupBy(shard => RealPath.OfFile(shard.Path, realFolders)).Where(group => group.Count() > 1))
        {
            string[] others = [.. twice.Select(shard => shard.Path).Distinct().Skip(1).Take(LinesPerSource)];
            string spelled = others.Length == 0 ? "" : $" (also as {string.Join(", ", others)})";
            errors.Add(
                $"{(key == "" ? "the data" : key)} names the shard {twice.First().Path} {twice.Count()} times{spelled}; each row "
                    + $"would be seen as often. "
                    + "Name it once."
            );
        }
        return errors.Count == 0 ? new DatasetManifest(StreamOrder.Version, shards) : throw new BadInputException(errors);
    }

    /// <summary>Lists of a spec are numbered but where the key names the source; a command's option names the path itself.</summary>
    private static string PlaceOf(string key, int number) => IsField(key) && !key.EndsWith('\'') ? $"{key}[{number}]" : key;

    private static string PathOf(string place) => IsField(place) ? $"{place}.path" : place;

    private static string Before(string place) => place == "" ? "" : $"{place}: ";

    private static bool IsField(string key) => key.Contains('.', StringComparison.Ordinal);

    private static IReadOnlyList<string>? ListFiles(string path, string place, ColumnNeeds needs, List<string> errors)
    {
        if (path.Length == 0)
        {
            errors.Add($"{(place == "" ? "the path" : PathOf(place))} is empty; name a Parquet file or a folder of them.");
            return null;
        }
        string absolute = Path.GetFullPath(path);
        if (File.Exists(absolute))
            return [absolute];
        if (!Directory.Exists(absolute))
        {
            errors.Add($"{Before(PathOf(place))}{absolute} does not exist; name a Parquet file or a folder of them.");
            return null;
        }
        try
        {
            var files = ShardListing.Below(absolute);
            if (files.Count > 0)
                return files;
            errors.Add(
                $"{Before(PathOf(place))}{absolute} has no *.parquet files, nor have its sub-folders; {RemedyFor(absolute, needs)}."
            );
        }
        catch (BadInputException unreadable)
        {
            errors.AddRange(unreadable.Errors.Select(error => $"{Before(PathOf(place))}{error}"));
        }
        return null;
    }

    /// <summary>Images are looked for among the first files alone: the folder may hold millions of anything.</summary>
    private static string RemedyFor(string folder, ColumnNeeds needs) =>
        Directory.EnumerateFiles(folder, "*", new EnumerationOptions { RecurseSubdirectories = true }).Take(FilesLookedAt)
            .Any(file => ImageEndings.Contains(Path.GetExtension(file).ToLowerInvariant()))
            ? $"it holds images, of which clipd data pack {folder}{(needs.Labels == ColumnNeed.Required ? " --labels folders" : "")} "
                + $"--out DIR makes some"
            : "name a folder that has some";

    private static List<ShardEntry> ReadFooters(
        IReadOnlyList<string> files, SourceSpec source, string place, ColumnNeeds needs, List<string> errors, Action<string>? notice,
        CancellationToken cancel)
    {
        string absolute = Path.GetFullPath(source.Path), root = Directory.Exists(absolute) ? absolute : Path.GetDirectoryName(absolute)!;
        var entries = new ShardEntry?[files.Count];
        var failures = new ConcurrentDictionary<int, IReadOnlyList<string>>();
        Parallel.For(0, files.Count, new ParallelOptions { MaxDegreeOfParallelism = FilesAtOnce, CancellationToken = cancel }, i =>
        {
            try
            {
                if (ShardDescription.Read(files[i], source, needs) is { } shard)
                    entries[i] = shard with { Name = Path.GetRelativePath(root, files[i]).Replace('\\', '/') };
            }
            catch (BadInputException e)
            {
                failures[i] = e.Errors;
            }
        });

        var found = failures.OrderBy(failure => failure.Key).SelectMany(failure => failure.Value).ToList();
        errors.AddRange(found.Take(LinesPerSource).Select(error => $"{Before(place)}{error}"));
        if (found.Count > LinesPerSource)
            errors.Add($"{Before(place)}{Counted.Plain(found.Count - LinesPerSource, "more error")} in other shards of this source.");
        string[] empty = [.. files.Where((_, i) => entries[i] is null && !failures.ContainsKey(i))];
        if (empty.Length == files.Count)
        {
            string others =
                empty.Length > 1
                    ? $", and neither {(empty.Length == 2 ? "has the other file" : $"has any of the {empty.Length - 1} other files")}"
                    : "";
            errors.Add($"{Before(place)}{empty[0]} has no rows{others}; name data that has some.");
        }
        else if (notice is not null)
        {
            Name(empty, place, notice);
        }
        return [.. entries.OfType<ShardEntry>()];
    }

    private static void Name(string[] empty, string place, Action<string> notice)
    {
        foreach (string path in empty.Take(LinesPerSource))
            notice($"{Before(place)}{path} has no rows{(new FileInfo(path).Length == 0 ? " (0 bytes)" : "")}; it contributes nothing");
        if (empty.Length > LinesPerSource)
            notice(
                $"{Before(place)}{Counted.Plain(empty.Length - LinesPerSource, "more file")} "
                    + $"{(empty.Length - LinesPerSource == 1 ? "has" : "have")} no rows"
            );
    }
}
