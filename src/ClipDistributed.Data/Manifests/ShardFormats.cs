using ClipDistributed.Contracts.Errors;
using ClipDistributed.Data.ParquetShards;
using ClipDistributed.Data.Shards;
using ClipDistributed.Data.Tars;

namespace ClipDistributed.Data.Manifests;

/// <summary>The formats that shards may have. A new one is listed here.</summary>
internal static class ShardFormats
{
    private static readonly IShardFormat Parquet = new ParquetFormat();

    public static readonly IReadOnlyList<IShardFormat> All = [Parquet, new TarFormat()];

    /// <summary>As in "a Parquet file or a tar".</summary>
    public static string OneOf { get; } = string.Join(" or ", All.Select(format => $"a {format.Title}"));

    /// <summary>The format of a shard of a manifest.</summary>
    /// <exception cref="BadInputException">This program does not know it.</exception>
    public static IShardFormat Of(ShardEntry shard) => shard.Format is null
        ? Parquet
        : All.FirstOrDefault(format => format.Name == shard.Format)
            ?? throw new BadInputException(
                $"{shard.Path} has the format '{FileWords.Of(shard.Format)}'; this program reads "
                    + $"{string.Join(", ", All.Select(format => format.Name))}. Use the program that wrote the manifest.");

    /// <summary>Whether this program reads what a manifest names so.</summary>
    /// <param name="name">Null: Parquet.</param>
    public static bool IsKnown(string? name) => name is null || All.Any(format => format.Name == name);

    /// <summary>
    /// How a manifest names a format. Null: Parquet, so that its manifests have the digests that they had when it was the only one.
    /// </summary>
    public static string? StoredName(IShardFormat format) => format == Parquet ? null : format.Name;

    /// <summary>By its name; null: the name says nothing.</summary>
    public static IShardFormat? ByName(string path) =>
        All.FirstOrDefault(format => format.Endings.Contains(Path.GetExtension(path), StringComparer.OrdinalIgnoreCase));

    /// <summary>By its first bytes; null: it begins as none of the formats.</summary>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static IShardFormat? ByStart(IByteSource source)
    {
        Span<byte> start = stackalloc byte[(int)Math.Min(source.Length, IShardFormat.StartLength)];
        source.Read(0, start);
        foreach (var format in All)
        {
            if (format.Begins(start))
                return format;
        }
        return null;
    }

    /// <summary>The format that a file has, or that errors speak of where it has none.</summary>
    public static IShardFormat Of(IByteSource source) => ByName(source.Path) ?? ByStart(source) ?? Parquet;
}
