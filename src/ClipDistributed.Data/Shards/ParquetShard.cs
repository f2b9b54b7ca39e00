using System.Runtime.CompilerServices;
using ClipDistributed.Contracts.Errors;
using ClipDistributed.Data.Manifests;
using ClipDistributed.Data.ParquetFiles;

namespace ClipDistributed.Data.Shards;

/// <summary>One open Parquet file. Row groups may be read beside each other.</summary>
public sealed class ParquetShard : IDisposable
{
    /// <summary>Footers, and the row groups of a manifest that each was found to agree with last.</summary>
    private static readonly ConditionalWeakTable<ParquetFooter, IReadOnlyList<RowGroupEntry>> Compared = [];

    private readonly ShardEntry entry;
    private readonly ParquetFile file;

    private ParquetShard(ShardEntry entry, ParquetFile file) => (this.entry, this.file) = (entry, file);

    /// <exception cref="ShardChangedException">The file is not the one that the manifest describes.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static ParquetShard Open(ShardEntry entry)
    {
        try
        {
            long length = new FileInfo(entry.Path).Length;
            if (length != entry.Length)
                throw new ShardChangedException(entry.Path, $"it has {Counted.Plain(length, "byte")} instead of {entry.Length}");
            var file = ParquetFile.Open(entry.Path);
            if (HasRowsOf(entry, file.Footer))
                return new ParquetShard(entry, file);
            file.Dispose();
            throw new ShardChangedException(entry.Path, "its row groups have other numbers of rows");
        }
        catch (InvalidDataException e)
        {
            throw new ShardChangedException(entry.Path, $"its footer cannot be read ({e.Message})");
        }
    }

    /// <summary>Reads some columns of one row group; one that the shard has not is left out.</summary>
    /// <param name="rowGroup">From 0.</param>
    /// <param name="columns">What is read.</param>
    /// <param name="cancel">Ends the reading between two pages.</param>
    /// <exception cref="DamagedShardException">The bytes are no valid Parquet.</exception>
    /// <exception cref="BadInputException">A column has a compression or an encoding that cannot be read.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public RowGroupData ReadRowGroup(
        int rowGroup, RowGroupColumns columns = RowGroupColumns.Image | RowGroupColumns.Caption, CancellationToken cancel = default)
    {
        int rows = checked((int)entry.RowGroups[rowGroup].Rows);
        try
        {
            return new RowGroupData(
                Read<byte[]>(RowGroupColumns.Image, entry.ImageColumn, ColumnRole.Image, _ => bytes => bytes.ToArray()) ?? new byte[rows][],
                Read(RowGroupColumns.Caption, entry.CaptionColumn, ColumnRole.Caption, ColumnText.Conversion) ?? new string?[rows],
                Read(RowGroupColumns.Label, entry.LabelColumn, ColumnRole.Label, ColumnText.Conversion))
            {
                LabelsAreNumbers = entry.LabelColumn is { } label
                    && ShardColumn.Find(file.Footer.Columns, label, ColumnRole.Label) is { } column && ColumnRole.IsNumber(column.Kind),
            };
        }
        catch (InvalidDataException e)
        {
            throw new DamagedShardException(entry.Path, rowGroup, e);
        }

        T?[]? Read<T>(RowGroupColumns wanted, string? name, ColumnRole role, Func<SchemaNode, ValueConversion<T>> conversion)
            where T : class
        {
            if (!columns.HasFlag(wanted) || name is null)
                return null;
            var column = ShardColumn.Find(file.Footer.Columns, name, role)
                ?? throw new ShardChangedException(entry.Path, $"it has no {role.Name} column '{Excerpt.Of(name)}'");
            if (file.Footer.Groups[rowGroup].Chunks[column.Leaf].Unsupported is { } what)
                throw new BadInputException($"{entry.Path}: column '{Excerpt.Of(name)}' has {what}. Write the file again.");
            return ColumnReader.Read(file, rowGroup, column, conversion(column), cancel);
        }
    }

    public void Dispose() => file.Dispose();

    /// <summary>Compared once: a file may have a hundred thousand row groups, and is opened for each of them.</summary>
    private static bool HasRowsOf(ShardEntry entry, ParquetFooter footer)
    {
        if (Compared.TryGetValue(footer, out var same) && ReferenceEquals(same, entry.RowGroups))
            return true;
        if (!footer.Groups.Select(group => group.Rows).SequenceEqual(entry.RowGroups.Select(group => group.Rows)))
            return false;
        Compared.AddOrUpdate(footer, entry.RowGroups);
        return true;
    }
}
