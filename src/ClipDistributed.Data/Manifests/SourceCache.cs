using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.Json;
using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Files;
using ClipDistributed.Data.Shards;

namespace ClipDistributed.Data.Manifests;

/// <summary>What is known of the shards of one source: one file of a <see cref="ManifestCache"/>.</summary>
/// <param name="name">Of the file.</param>
/// <param name="minTime">Describing shards that takes less is not worth a file.</param>
internal sealed class SourceCache(string name, TimeSpan minTime)
{
    /// <summary>Another one: entries say something else by now. Changes whenever a format describes shards otherwise.</summary>
    private const int Version = 1;

    private const int MaxBytes = 1 << 29;

    /// <summary>A file can be written twice within one tick of its file system's clock: one that young is not remembered.</summary>
    private static readonly TimeSpan MinAge = TimeSpan.FromSeconds(2);

    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
    };

    private readonly Dictionary<string, CachedShard> known = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, CachedShard> current = new(StringComparer.Ordinal);
    private readonly Stopwatch clock = Stopwatch.StartNew();
    private int described;
    private bool isWorthIt;

    /// <returns>False: there is nothing that can be used.</returns>
    public bool Load(string folder)
    {
        byte[] bytes;
        try
        {
            string file = Path.Combine(folder, name);
            if (FileKinds.Of(file) != FileKind.Regular)
                return false;
            bytes = InputFile.ReadBytes(file, null, MaxBytes);
        }
        catch (BadInputException)
        {
            return false; // it is made anew
        }
        if (JsonFile.Parse<CachedShards>(bytes, Json, null, out var read) is not null || read!.Version != Version)
            return false;
        foreach (var shard in read.Shards)
        {
            if (shard is not null && IsPossible(shard))
                known[shard.Path] = shard;
        }
        isWorthIt = known.Count > 0;
        clock.Restart();
        return isWorthIt;
    }

    /// <summary>The shard as the cache has it, or else as it is described now.</summary>
    /// <param name="describe">Null: the shard has no rows. What it throws is not remembered.</param>
    public ShardEntry? Find(string file, Func<ShardEntry?> describe)
    {
        var (length, changed) = StateOf(file);
        string version = FileSource.VersionOf(changed);
        if (known.TryGetValue(file, out var cached) && cached.Length == length && cached.Version == version)
        {
            current[file] = cached;
            return cached.Shard?.Entry();
        }
        var shard = describe();
        Interlocked.Increment(ref described);
        bool isOld = DateTime.UtcNow - changed >= MinAge && (shard is null || shard.Length == length);
        if (isOld)
            current[file] = new CachedShard(file, length, version, shard is null ? null : StoredShard.Of(shard));
        return shard;
    }

    /// <summary>After all shards were found. Where it cannot be written nothing is lost but time.</summary>
    /// <param name="maxFiles">In the folder; older ones go.</param>
    public void Save(string folder, int maxFiles)
    {
        string file = Path.Combine(folder, name);
        bool isNew = !File.Exists(file);
        isWorthIt |= clock.Elapsed >= minTime;
        if (!isWorthIt || current.IsEmpty || (!isNew && described == 0))
            return;
        try
        {
            Directory.CreateDirectory(folder);
            var shards = new CachedShards(Version, [.. current.Values.OrderBy(shard => shard.Path, StringComparer.Ordinal)]);
            DurableFile.Write(file, stream => JsonSerializer.Serialize(stream, shards, Json));
            foreach (var old in new DirectoryInfo(folder).GetFiles("*.json").OrderByDescending(one => one.LastWriteTimeUtc).Skip(maxFiles))
                old.Delete();
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            // A full disk, or another user's folder.
        }
    }

    private static bool IsPossible(CachedShard shard) => shard.Shard is null
        || (shard.Shard.CanBeShard() && shard.Shard.Path == shard.Path && shard.Shard.Length == shard.Length
            && ShardFormats.IsKnown(shard.Shard.Format));

    /// <summary>Of what a link leads to; opened only where it is one.</summary>
    private static (long Length, DateTime Changed) StateOf(string file)
    {
        try
        {
            var info = new FileInfo(file);
            if (info.LinkTarget is null)
                return (info.Length, info.LastWriteTimeUtc);
            var target = info.ResolveLinkTarget(returnFinalTarget: true) as FileInfo;
            return target is { Exists: true } ? (target.Length, target.LastWriteTimeUtc) : (-1, default);
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            return (-1, default); // said where it is described
        }
    }
}

/// <summary>A file of the cache.</summary>
internal sealed record CachedShards(int Version, IReadOnlyList<CachedShard?> Shards);

/// <summary>A shard as it was.</summary>
/// <param name="Version">Of <see cref="IByteSource"/>.</param>
/// <param name="Shard">Null: it has no rows.</param>
internal sealed record CachedShard(string Path, long Length, string Version, StoredShard? Shard);
