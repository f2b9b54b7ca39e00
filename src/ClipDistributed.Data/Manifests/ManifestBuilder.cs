using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Files;
using ClipDistributed.Contracts.Spec.V1;
using ClipDistributed.Data.Shards;
using ClipDistributed.Data.Streams;

namespace ClipDistributed.Data.Manifests;

/// <summary>Makes a dataset manifest from the sources of a spec. Of each shard only what describes it is read.</summary>
public static class ManifestBuilder
{
    private const int MaxPaths = 5;

    /// <summary>Lists the shards of every source, in the order of the sources and by ordinal path inside each.</summary>
    /// <param name="sources">Folders, which are searched at any depth, files, or patterns of either.</param>
    /// <param name="key">Where the sources stand in the spec; begins every error; "": nothing does, the paths say it.</param>
    /// <param name="needs">The columns that are wanted; null: those of training.</param>
    /// <param name="notice">Receives a line for each file that contributes nothing, or less than it should.</param>
    /// <param name="cache">Spares describing shards that have not changed since; null: each is described.</param>
    /// <exception cref="BadInputException">All that is wrong with any of the sources.</exception>
    public static DatasetManifest Build(
        IReadOnlyList<SourceSpec> sources, string key = "data.train", ColumnNeeds? needs = null, Action<string>? notice = null,
        ManifestCache? cache = null, CancellationToken cancel = default)
    {
        var errors = new List<string>();
        var shards = new List<ShardEntry>();
        if (sources.Count == 0)
            errors.Add($"{key} is empty; name at least one folder or file of shards.");
        for (int i = 0; i < sources.Count; i++)
        {
            var source = new SourceShards(sources[i], PlaceOf(key, i), needs ?? ColumnNeeds.Pairs);
            shards.AddRange(source.Read(cache, cancel));
            errors.AddRange(source.Errors);
            foreach (string line in source.Notices)
                notice?.Invoke(line);
        }
        var realFolders = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var twice in shards.GroupBy(shard => RealPath.OfFile(shard.Path, realFolders)).Where(group => group.Count() > 1))
        {
            string[] others = [.. twice.Select(shard => shard.Path).Distinct().Skip(1).Take(MaxPaths)];
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
    private static string PlaceOf(string key, int number) => SourceShards.IsField(key) && !key.EndsWith('\'') ? $"{key}[{number}]" : key;
}
