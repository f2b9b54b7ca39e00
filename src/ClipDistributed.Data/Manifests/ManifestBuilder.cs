using System.Collections.Concurrent;
using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Spec.V1;
using ClipDistributed.Data.Streams;

namespace ClipDistributed.Data.Manifests;

/// <summary>Makes a dataset manifest from the sources of a spec. Only the footers of the shards are read.</summary>
public static class ManifestBuilder
{
    private const int FilesAtOnce = 8; // hides the latency of a network file system
    private const int ErrorsPerSource = 5;

    /// <summary>Lists the shards of every source, in the order of the sources and by ordinal file name inside each.</summary>
    /// <param name="sources">Folders or files.</param>
    /// <param name="key">Where the sources stand in the spec; begins every error.</param>
    /// <param name="captionsNeeded">False: a source of labelled images may have no captions, unless it names their column.</param>
    /// <exception cref="BadInputException">All that is wrong with any of the sources.</exception>
    public static DatasetManifest Build(IReadOnlyList<SourceSpec> sources, string key = "data.train", bool captionsNeeded = true)
    {
        var errors = new List<string>();
        var shards = new List<ShardEntry>();
        if (sources.Count == 0)
            errors.Add($"{key} is empty; name at least one folder or file of Parquet shards.");
        for (int i = 0; i < sources.Count; i++)
        {
            string place = $"{key}[{i}]";
            if (ListFiles(sources[i].Path, place, errors) is { } files)
                shards.AddRange(ReadFooters(files, sources[i], place, captionsNeeded, errors));
        }
        foreach (var twice in shards.GroupBy(shard => shard.Path).Where(group => group.Count() > 1))
            errors.Add($"{key} names the shard {twice.Key} {twice.Count()} times; each row would be seen as often. Name it once.");
        return errors.Count == 0 ? new DatasetManifest(StreamOrder.Version, shards) : throw new BadInputException(errors);
    }

    private static string[]? ListFiles(string path, string place, List<string> errors)
    {
        if (path.Length == 0)
        {
            errors.Add($"{place}.path is empty; name a Parquet file or a folder of them.");
            return null;
        }
        string absolute = Path.GetFullPath(path);
        if (File.Exists(absolute))
            return [absolute];
        if (!Directory.Exists(absolute))
        {
            errors.Add($"{place}.path: {absolute} does not exist; name a Parquet file or a folder of them.");
            return null;
        }
        string[] files = [.. Directory.GetFiles(absolute, "*.parquet").Order(StringComparer.Ordinal)];
        if (files.Length > 0)
            return files;
        string? deeper = Directory.EnumerateFiles(absolute, "*.parquet", SearchOption.AllDirectories).Order(StringComparer.Ordinal).FirstOrDefault();
        errors.Add($"{place}.path: {absolute} has no *.parquet files"
            + (deeper is null ? "; name a folder that has some." : $"; sub-folders are not searched, name {Path.GetDirectoryName(deeper)} itself."));
        return null;
    }

    private static IEnumerable<ShardEntry> ReadFooters(string[] files, SourceSpec source, string place, bool captionsNeeded, List<string> errors)
    {
        var entries = new ShardEntry?[files.Length];
        var failures = new ConcurrentDictionary<int, IReadOnlyList<string>>();
        Parallel.For(0, files.Length, new ParallelOptions { MaxDegreeOfParallelism = FilesAtOnce }, i =>
        {
            try
            {
                entries[i] = ShardFooter.Read(files[i], source, captionsNeeded);
            }
            catch (BadInputException e)
            {
                failures[i] = e.Errors;
            }
        });

        var found = failures.OrderBy(failure => failure.Key).SelectMany(failure => failure.Value).ToList();
        errors.AddRange(found.Take(ErrorsPerSource).Select(error => $"{place}: {error}"));
        if (found.Count > ErrorsPerSource)
            errors.Add($"{place}: {found.Count - ErrorsPerSource} more errors in other shards of this source.");
        return entries.OfType<ShardEntry>();
    }
}
