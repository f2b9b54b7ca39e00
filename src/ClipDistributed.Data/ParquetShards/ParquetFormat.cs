using System.Runtime.CompilerServices;
using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Spec.V1;
using ClipDistributed.Data.ParquetFiles;
using ClipDistributed.Data.Shards;

namespace ClipDistributed.Data.ParquetShards;

/// <summary>Parquet files: a block is a row group, and the footer says where each lies.</summary>
internal sealed class ParquetFormat : IShardFormat
{
    /// <summary>Footers, and the blocks of a manifest that each was found to agree with last.</summary>
    private static readonly ConditionalWeakTable<ParquetFooter, IReadOnlyList<BlockEntry>> Compared = [];

    public string Name => "parquet";

    public string Title => "Parquet file";

    public IReadOnlyList<string> Endings { get; } = [".parquet", ".parq"];

    public bool Begins(ReadOnlySpan<byte> start) => start.StartsWith("PAR1"u8);

    public ShardEntry? Describe(IByteSource source, SourceSpec columns, ColumnNeeds needs)
    {
        var file = ParquetFile.Open(source);
        return file.Footer.Groups.All(group => group.Rows == 0)
            ? null
            : ParquetColumns.Choose(file, columns, needs) with { Tail = FooterDigest.Of(source) };
    }

    public BlockData ReadBlock(IByteSource source, ShardEntry shard, int block, BlockColumns columns, CancellationToken cancel)
    {
        var file = Open(source, shard);
        int rows = checked((int)shard.Blocks[block].Rows);
        return new BlockData(
            Read<byte[]>(BlockColumns.Image, shard.ImageColumn, ColumnRole.Image, _ => bytes => bytes.ToArray()) ?? new byte[rows][],
            Read(BlockColumns.Caption, shard.CaptionColumn, ColumnRole.Caption, ColumnText.Conversion) ?? new string?[rows],
            Read(BlockColumns.Label, shard.LabelColumn, ColumnRole.Label, ColumnText.Conversion))
        {
            LabelsAreNumbers = shard.LabelColumn is { } label
                && ShardColumn.Find(file.Footer.Columns, label, ColumnRole.Label) is { } column && ColumnRole.IsNumber(column.Kind),
        };

        T?[]? Read<T>(BlockColumns wanted, string? name, ColumnRole role, Func<SchemaNode, ValueConversion<T>> conversion)
            where T : class
        {
            if (!columns.HasFlag(wanted) || name is null)
                return null;
            var column = ShardColumn.Find(file.Footer.Columns, name, role)
                ?? throw new ShardChangedException(shard.Path, $"it has no {role.Name} column '{FileWords.Of(name)}'");
            if (file.Footer.Groups[block].Chunks[column.Leaf].Unsupported is { } what)
                throw new BadInputException($"{shard.Path}: column '{FileWords.Of(name)}' has {what}. Write the file again.");
            return ColumnReader.Read(file, block, column, conversion(column), cancel);
        }
    }

    public IReadOnlyList<StoredColumn> Columns(IByteSource source, ShardEntry shard) =>
        [.. ParquetFile.Open(source).Footer.Columns.Select(
            column => new StoredColumn(column.Name, column.TypeName, shard.UseOf(column.Name)))];

    private static ParquetFile Open(IByteSource source, ShardEntry shard)
    {
        try
        {
            var file = ParquetFile.Open(source);
            return HasRowsOf(shard, file.Footer)
                ? file
                : throw new ShardChangedException(shard.Path, "its row groups have other numbers of rows");
        }
        catch (InvalidDataException e)
        {
            throw new ShardChangedException(shard.Path, $"its footer cannot be read ({e.Message})");
        }
    }

    /// <summary>Compared once: a file may have a hundred thousand row groups, and is opened for each of them.</summary>
    private static bool HasRowsOf(ShardEntry shard, ParquetFooter footer)
    {
        if (Compared.TryGetValue(footer, out var same) && ReferenceEquals(same, shard.Blocks))
            return true;
        if (!footer.Groups.Select(group => group.Rows).SequenceEqual(shard.Blocks.Select(block => block.Rows)))
            return false;
        Compared.AddOrUpdate(footer, shard.Blocks);
        return true;
    }
}
