using System.Security.Cryptography;
using System.Text.Json;
using ClipDistributed.Contracts.Spec.V1;
using ClipDistributed.Data.Shards;

namespace ClipDistributed.Data.Manifests;

/// <summary>
/// What shards were found to hold, so that they are not opened again: tens of thousands of footers, or the headers of as many tars,
/// take most of a minute. A file for each source of data, replaced as a whole; what is damaged in it, or older than its shard, is as
/// if it were not there.
/// </summary>
/// <param name="folder">Read, and written where describing shards took a while; null: nowhere.</param>
/// <param name="second">Read where the first has nothing; null: nowhere.</param>
public sealed class ManifestCache(string? folder, string? second = null)
{
    private const int MaxFiles = 32; // of a folder; the oldest go

    private readonly List<SourceCache> opened = [];

    /// <summary>Describing shards that takes less is not worth a file.</summary>
    internal TimeSpan MinTime { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Of the user: <c>$XDG_CACHE_HOME/clipd</c>, else <c>~/.cache/clipd</c>; null: the user has no home.</summary>
    public static string? UserFolder =>
        Environment.GetEnvironmentVariable("XDG_CACHE_HOME") is { } cache && Path.IsPathRooted(cache) ? Path.Combine(cache, "clipd")
        : Environment.GetEnvironmentVariable("HOME") is { } home && Path.IsPathRooted(home) ? Path.Combine(home, ".cache", "clipd")
        : null;

    /// <summary>Writes all that was read with it into another folder, beside the state that it belongs to.</summary>
    public void SaveTo(string other)
    {
        foreach (var source in opened)
            source.Save(other, MaxFiles);
    }

    /// <summary>What is known of a source.</summary>
    internal SourceCache Open(SourceSpec source, ColumnNeeds needs)
    {
        string name = NameOf(source, needs);
        var cache = new SourceCache(name, MinTime);
        if (folder is null || !cache.Load(folder))
        {
            if (second is not null)
                cache.Load(second);
        }
        opened.Add(cache);
        return cache;
    }

    /// <summary>After the source was read.</summary>
    internal void Save(SourceCache source)
    {
        if (folder is not null)
            source.Save(folder, MaxFiles);
    }

    /// <summary>Of all that decides what an entry says beside the shard itself.</summary>
    private static string NameOf(SourceSpec source, ColumnNeeds needs)
    {
        byte[] key = JsonSerializer.SerializeToUtf8Bytes(new
        {
            Path = Path.GetFullPath(source.Path), source.ImageColumn, source.CaptionColumn, source.LabelColumn,
            needs.Captions, needs.Labels,
        });
        return $"{Convert.ToHexStringLower(SHA256.HashData(key))[..32]}.json";
    }
}
