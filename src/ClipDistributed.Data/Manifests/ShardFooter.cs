using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Spec.V1;
using ClipDistributed.Data.Shards;
using Parquet;
using Parquet.Schema;

namespace ClipDistributed.Data.Manifests;

/// <summary>What the manifest needs to know of one Parquet file.</summary>
internal static class ShardFooter
{
    private const string Auto = "auto";

    /// <exception cref="BadInputException">The file cannot be used; every reason, each with the file's path.</exception>
    public static ShardEntry Read(string path, SourceSpec source, bool captionsNeeded)
    {
        try
        {
            // Parquet.Net's interface is asynchronous, the stream below it is not: nothing waits here.
            return ReadAsync(path, source, captionsNeeded).GetAwaiter().GetResult();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new BadInputException($"{path} cannot be read ({e.Message}); check the path and its permissions.");
        }
        catch (Exception e) when (e is not (BadInputException or OutOfMemoryException))
        {
            throw new BadInputException($"{path} is not a usable Parquet file ({e.Message}); write or copy it again.");
        }
    }

    private static async Task<ShardEntry> ReadAsync(string path, SourceSpec source, bool captionsNeeded)
    {
        await using var stream = new ShardStream(path);
        stream.ThrowIfNotParquet();
        await using var reader = await ParquetReader.CreateAsync(stream);
        var schema = reader.Schema;
        var errors = new List<string>();
        string? image = Choose(source.ImageColumn, ColumnRole.Image, isNeeded: true);
        string? caption = Choose(source.CaptionColumn, ColumnRole.Caption, captionsNeeded);
        string? label = Choose(source.LabelColumn, ColumnRole.Label, isNeeded: false);
        if (reader.RowGroups.Sum(group => group.RowCount) == 0)
            errors.Add($"{path} has no rows; remove the file.");
        if (errors.Count > 0)
            throw new BadInputException(errors);

        DataField?[] fields = [ShardColumn.Find(schema, image!, ColumnRole.Image), caption is null ? null : ShardColumn.Find(schema, caption, ColumnRole.Caption)];
        var groups = reader.RowGroups.Select(group => new RowGroupEntry(group.RowCount, fields.OfType<DataField>().Sum(field => UncompressedBytes(group, field))));
        return new ShardEntry(path, stream.Length, [.. groups], image!, caption, label);

        string? Choose(string named, ColumnRole role, bool isNeeded)
        {
            bool isNamed = named is not ("" or Auto);
            string? column = isNamed
                ? ShardColumn.Find(schema, named, role) is null ? null : named
                : ShardColumn.FindByUsualName(schema, role);
            if (column is null && (isNamed || isNeeded))
                errors.Add(Missing(path, schema, isNamed ? named : null, role));
            return column;
        }
    }

    private static string Missing(string path, ParquetSchema schema, string? named, ColumnRole role) =>
        $"{path} has no {role.Name} column "
        + (named is null ? $"under a usual name ({string.Join(", ", role.UsualNames.Take(5))}, …)" : $"'{named}'")
        + $" that holds {role.Accepts}; its columns are {ShardColumn.Describe(schema)}. Name one of them in {role.SpecKey}.";

    private static long UncompressedBytes(ParquetRowGroupReader group, DataField field) =>
        group.GetMetadata(field)?.MetaData?.TotalUncompressedSize ?? 0;
}
