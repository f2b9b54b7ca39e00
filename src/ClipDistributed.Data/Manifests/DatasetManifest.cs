using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;
using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Files;
using ClipDistributed.Data.Shards;
using ClipDistributed.Data.Streams;

namespace ClipDistributed.Data.Manifests;

/// <summary>What a dataset consists of, taken from the footers of its shards. The order of samples depends on it.</summary>
/// <param name="OrderVersion">The rules by which samples are ordered: <see cref="StreamOrder.Version"/>.</param>
/// <param name="Shards">In the order that numbers them.</param>
public sealed record DatasetManifest(int OrderVersion, IReadOnlyList<ShardEntry> Shards)
{
    internal const long MaxRows = 1L << 48;

    private const long MaxFile = 1_000_000_000;

    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
    };

    /// <summary>The rows of all shards.</summary>
    public long Rows => Shards.Sum(shard => shard.Rows);

    /// <summary>The rows of the largest block: the shuffle block where the spec names none.</summary>
    public long LargestBlock => Shards.Max(shard => shard.Blocks.Max(block => block.Rows));

    /// <summary>Under which checkpoints name this data that were written before it was moved, or by an older program; null: none.</summary>
    public IReadOnlyList<string>? FormerDigests { get; init; }

    /// <summary>
    /// SHA-256 of what identifies the data wherever it lies, 64 hexadecimal digits. Of a manifest that an older program wrote
    /// that was its whole JSON, absolute paths included.
    /// </summary>
    public string Digest => Convert.ToHexStringLower(SHA256.HashData(Shards.All(shard => shard.Name is not null)
        ? JsonSerializer.SerializeToUtf8Bytes(new
        {
            OrderVersion,
            Shards = Shards.Select(shard => new
            {
                shard.Name, shard.Length, Rows = shard.Blocks.Select(block => block.Rows), shard.ImageColumn, shard.CaptionColumn,
                shard.Tail,
            }),
        }, Json)
        : CanonicalJson(StoredManifest.OlderFormOf(this))));

    /// <summary>Whether a checkpoint that names its data so was taken with this one.</summary>
    public bool Knows(string digest) => digest == Digest || FormerDigests?.Contains(digest) == true;

    /// <summary>The same data, found to be so again by other means than its digest.</summary>
    public DatasetManifest Following(DatasetManifest before)
    {
        string[] former = [.. (before.FormerDigests ?? []).Append(before.Digest).Where(digest => digest != Digest).Distinct()];
        return this with { FormerDigests = former.Length > 0 ? former : null };
    }

    /// <summary>The rows of every shard: what <see cref="StreamOrder"/> is built from.</summary>
    public long[] RowsPerShard() => [.. Shards.Select(shard => shard.Rows)];

    /// <summary>Writes the manifest under a temporary name, then renames it.</summary>
    public void Save(string path) => DurableFile.WriteAllBytes(path, CanonicalJson(StoredManifest.Of(this)));

    /// <exception cref="BadInputException">The file is missing, is not a manifest, or is one of another version.</exception>
    public static DatasetManifest Load(string path)
    {
        if (FileKinds.Of(path) == FileKind.Missing)
            throw new BadInputException($"The dataset manifest {Path.GetFullPath(path)} does not exist.");
        var manifest = JsonFile.Read<StoredManifest>(
            path, Json, "restore it from a copy, or start a new run in another run_directory", MaxFile, FindDamage);
        return manifest.OrderVersion == StreamOrder.Version
            ? manifest.Manifest()
            : throw new BadInputException(
                $"The dataset manifest {path} has order_version {manifest.OrderVersion}; this program knows "
                    + $"{StreamOrder.Version}. Use the program that wrote it, or build the manifest anew."
            );
    }

    /// <summary>What the types do not say; a version of the future may mean something else.</summary>
    private static string? FindDamage(StoredManifest read)
    {
        if (read.OrderVersion != StreamOrder.Version)
            return null;
        if (read.Shards.Count == 0)
            return "it has no shards";
        int wrong = read.Shards.ToList().FindIndex(shard => shard?.CanBeShard() != true);
        return wrong >= 0 ? $"shards[{wrong}] cannot be a shard"
            : read.Manifest().Shards.Sum(shard => (double)shard.Rows) > MaxRows ? "it has more rows than can be counted" : null;
    }

    // One line without white space, members in the order of declaration.
    private static byte[] CanonicalJson(StoredManifest manifest) => JsonSerializer.SerializeToUtf8Bytes(manifest, Json);
}
