using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using ClipDistributed.Contracts.Errors;
using ClipDistributed.Data.Manifests;
using Parquet;
using Parquet.Schema;

namespace ClipDistributed.Data.Shards;

/// <summary>One open Parquet file. Not thread-safe: one row group is read at a time.</summary>
public sealed class ParquetShard : IAsyncDisposable
{
    private readonly ShardEntry entry;
    private readonly ShardStream stream;
    private readonly ParquetReader reader;
    private readonly ParquetSchema schema;

    private ParquetShard(ShardEntry entry, ShardStream stream, ParquetReader reader)
    {
        this.entry = entry;
        this.stream = stream;
        this.reader = reader;
        schema = reader.Schema;
    }

    /// <exception cref="ShardChangedException">The file is not the one that the manifest describes.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static async Task<ParquetShard> OpenAsync(ShardEntry entry, CancellationToken cancel = default)
    {
        var stream = new ShardStream(entry.Path);
        try
        {
            if (stream.Length != entry.Length)
                throw new ShardChangedException(entry.Path, $"it has {stream.Length} bytes instead of {entry.Length}");
            stream.ThrowIfNotParquet();
            var reader = await ParquetReader.CreateAsync(stream, cancellationToken: cancel);
            var rows = reader.RowGroups.Select(group => group.RowCount);
            if (!rows.SequenceEqual(entry.RowGroups.Select(group => group.Rows)))
                throw new ShardChangedException(entry.Path, "its row groups have other numbers of rows");
            return new ParquetShard(entry, stream, reader);
        }
        catch (Exception e)
        {
            await stream.DisposeAsync();
            if (e is IOException or OperationCanceledException)
                throw;
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
    public async Task<RowGroupData> ReadRowGroupAsync(int rowGroup, RowGroupColumns columns = RowGroupColumns.Image | RowGroupColumns.Caption, CancellationToken cancel = default)
    {
        try
        {
            var group = reader.OpenRowGroupReader(rowGroup);
            var images = columns.HasFlag(RowGroupColumns.Image)
                ? await ReadAsync<ReadOnlyMemory<byte>, byte[]>(group, Field(entry.ImageColumn, ColumnRole.Image), ToArray, cancel)
                : new byte[]?[group.RowCount];
            var captions = await ReadTextAsync(group, RowGroupColumns.Caption, entry.CaptionColumn, ColumnRole.Caption) ?? new string?[group.RowCount];
            var labels = await ReadTextAsync(group, RowGroupColumns.Label, entry.LabelColumn, ColumnRole.Label);
            return new RowGroupData(images, captions, labels);
        }
        catch (Exception e) when (!stream.ReadFailed && ReadFault.IsOfTheBytes(e))
        {
            throw Unsupported(rowGroup, columns) ?? (Exception)new DamagedShardException(entry.Path, rowGroup, e);
        }

        async Task<string?[]?> ReadTextAsync(ParquetRowGroupReader group, RowGroupColumns wanted, string? column, ColumnRole role) =>
            columns.HasFlag(wanted) && column is not null ? await ParquetShard.ReadTextAsync(group, Field(column, role), cancel) : null;
    }

    public async ValueTask DisposeAsync()
    {
        await reader.DisposeAsync();
        await stream.DisposeAsync();
    }

    /// <summary>A column of the row group that is sound but was written in a way that cannot be read; null: there is none.</summary>
    private BadInputException? Unsupported(int rowGroup, RowGroupColumns columns)
    {
        (RowGroupColumns, string?, ColumnRole)[] all =
            [(RowGroupColumns.Image, entry.ImageColumn, ColumnRole.Image), (RowGroupColumns.Caption, entry.CaptionColumn, ColumnRole.Caption), (RowGroupColumns.Label, entry.LabelColumn, ColumnRole.Label)];
        foreach (var (wanted, column, role) in all)
        {
            if (columns.HasFlag(wanted) && column is not null
                && reader.OpenRowGroupReader(rowGroup).GetMetadata(Field(column, role))?.MetaData is { } data && ReadFault.Unsupported(data) is { } what)
                return new BadInputException($"{entry.Path}: column '{column}' has {what}. Write the file again.");
        }
        return null;
    }

    private DataField Field(string column, ColumnRole role) =>
        ShardColumn.Find(schema, column, role)
        ?? throw new ShardChangedException(entry.Path, $"it has no {role.Name} column '{column}'");

    private static Task<string?[]> ReadTextAsync(ParquetRowGroupReader group, DataField field, CancellationToken cancel) =>
        Type.GetTypeCode(field.ClrType) switch
        {
            TypeCode.SByte => ReadNumbersAsync<sbyte>(group, field, cancel),
            TypeCode.Byte => ReadNumbersAsync<byte>(group, field, cancel),
            TypeCode.Int16 => ReadNumbersAsync<short>(group, field, cancel),
            TypeCode.UInt16 => ReadNumbersAsync<ushort>(group, field, cancel),
            TypeCode.Int32 => ReadNumbersAsync<int>(group, field, cancel),
            TypeCode.UInt32 => ReadNumbersAsync<uint>(group, field, cancel),
            TypeCode.Int64 => ReadNumbersAsync<long>(group, field, cancel),
            TypeCode.UInt64 => ReadNumbersAsync<ulong>(group, field, cancel),
            _ when field.ClrType == typeof(ReadOnlyMemory<byte>) =>
                ReadAsync<ReadOnlyMemory<byte>, string>(group, field, bytes => Encoding.UTF8.GetString(bytes.Span), cancel),
            _ => ReadAsync<ReadOnlyMemory<char>, string>(group, field, chars => new string(chars.Span), cancel),
        };

    private static Task<string?[]> ReadNumbersAsync<T>(ParquetRowGroupReader group, DataField field, CancellationToken cancel)
        where T : struct, IFormattable =>
        ReadAsync<T, string>(group, field, number => number.ToString(null, CultureInfo.InvariantCulture), cancel);

    // ParquetRowGroupReader.ReadAsync takes a null inside a struct for a value; the levels are therefore read here.
    private static async Task<TOut?[]> ReadAsync<T, TOut>(ParquetRowGroupReader group, DataField field, Func<T, TOut> convert, CancellationToken cancel)
        where T : struct
        where TOut : class
    {
        int rows = checked((int)group.RowCount);
        var values = new T[rows];
        var levels = field.MaxDefinitionLevel > 0 ? new int[rows] : null;
        await group.ReadRawAsync<T>(field, values, levels, repetitionLevels: null, cancel);

        var column = new TOut?[rows];
        int next = 0;
        for (int row = 0; row < rows; row++)
            if (levels is null || levels[row] == field.MaxDefinitionLevel)
                column[row] = convert(values[next++]);
        return column;
    }

    // Parquet.Net gives every value its own array (repeated values of a dictionary share one): no copy is needed.
    private static byte[] ToArray(ReadOnlyMemory<byte> value) =>
        MemoryMarshal.TryGetArray(value, out var segment) && segment.Array is { } array && array.Length == segment.Count
            ? array
            : value.ToArray();
}
