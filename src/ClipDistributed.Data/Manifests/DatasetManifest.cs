using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;
using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Files;
using ClipDistributed.Data.Streams;

namespace ClipDistributed.Data.Manifests;

/// <summary>What a dataset consists of, taken from the footers of its shards. The order of samples depends on it.</summary>
/// <param name="OrderVersion">The rules by which samples are ordered: <see cref="StreamOrder.Version"/>.</param>
/// <param name="Shards">In the order that numbers them.</param>
public sealed record DatasetManifest(int OrderVersion, IReadOnlyList<ShardEntry> Shards)
{
    private const long LargestFile = 1_000_000_000;

    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
    };

    /// <summary>The rows of all shards.</summary>
    [JsonIgnore]
    public long Rows => Shards.Sum(shard => shard.Rows);

    /// <summary>The rows of the largest row group: the shuffle block where the spec names none.</summary>
    [JsonIgnore]
    public long LargestRowGroup => Shards.Max(shard => shard.RowGroups.Max(group => group.Rows));

    /// <summary>SHA-256 of the canonical JSON, which is also what <see cref="Save"/> writes; 64 hexadecimal digits.</summary>
    [JsonIgnore]
    public string Digest => Convert.ToHexStringLower(SHA256.HashData(CanonicalJson()));

    /// <summary>The rows of every shard: what <see cref="StreamOrder"/> is built from.</summary>
    public long[] RowsPerShard() => [.. Shards.Select(shard => shard.Rows)];

    /// <summary>Writes the manifest under a temporary name, then renames it.</summary>
    public void Save(string path) => DurableFile.WriteAllBytes(path, CanonicalJson());

    /// <exception cref="BadInputException">The file is missing, is no manifest, or is one of another version.</exception>
    public static DatasetManifest Load(string path)
    {
        if (FileKinds.Of(path) == FileKind.Missing)
            throw new BadInputException($"The dataset manifest {Path.GetFullPath(path)} does not exist.");
        try
        {
            var manifest = JsonSerializer.Deserialize<DatasetManifest>(InputFile.ReadBytes(path, null, LargestFile), Json) ?? throw new JsonException("it is null");
            return manifest.OrderVersion == StreamOrder.Version
                ? manifest
                : throw new BadInputException($"The dataset manifest {path} has order_version {manifest.OrderVersion}; this program knows {StreamOrder.Version}. Use the program that wrote it, or build the manifest anew.");
        }
        catch (JsonException e)
        {
            throw new BadInputException($"{path} is not a dataset manifest: {e.Message}");
        }
    }

    // One line without white space, members in the order of declaration.
    private byte[] CanonicalJson() => JsonSerializer.SerializeToUtf8Bytes(this, Json);
}
