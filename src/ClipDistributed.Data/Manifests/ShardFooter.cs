using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Spec.V1;
using ClipDistributed.Data.ParquetFiles;
using ClipDistributed.Data.Shards;

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
            using var file = ParquetFile.Open(path);
            return Read(file, path, source, captionsNeeded);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new BadInputException($"{path} cannot be read ({e.Message}); check the path and its permissions.");
        }
        catch (InvalidDataException e)
        {
            throw new BadInputException($"{path} is not a usable Parquet file ({e.Message}); write or copy it again.");
        }
    }

    private static ShardEntry Read(ParquetFile file, string path, SourceSpec source, bool captionsNeeded)
    {
        var columns = file.Footer.Columns;
        var errors = new List<string>();
        string? image = Choose(source.ImageColumn, ColumnRole.Image, isNeeded: true);
        string? caption = Choose(source.CaptionColumn, ColumnRole.Caption, captionsNeeded);
        string? label = Choose(source.LabelColumn, ColumnRole.Label, isNeeded: false);
        if (file.Footer.Groups.Sum(group => group.Rows) == 0)
            errors.Add($"{path} has no rows; remove the file.");
        if (errors.Count > 0)
            throw new BadInputException(errors);

        SchemaNode?[] leaves = [ShardColumn.Find(columns, image!, ColumnRole.Image), caption is null ? null : ShardColumn.Find(columns, caption, ColumnRole.Caption)];
        var groups = file.Footer.Groups.Select((group, i) => new RowGroupEntry(
            group.Rows, leaves.OfType<SchemaNode>().Sum(leaf => file.Footer.Chunk(i, leaf, file.DataLength).Uncompressed)));
        return new ShardEntry(path, file.Length, [.. groups], image!, caption, label);

        string? Choose(string named, ColumnRole role, bool isNeeded)
        {
            bool isNamed = named is not ("" or Auto);
            string? column = isNamed
                ? ShardColumn.Find(columns, named, role) is null ? null : named
                : ShardColumn.FindByUsualName(columns, role);
            if (column is null && (isNamed || isNeeded))
                errors.Add(Missing(path, columns, isNamed ? named : null, role));
            return column;
        }
    }

    private static string Missing(string path, IReadOnlyList<SchemaNode> columns, string? named, ColumnRole role) =>
        $"{path} has no {role.Name} column "
        + (named is null ? $"under a usual name ({string.Join(", ", role.UsualNames.Take(5))}, …)" : $"'{named}'")
        + $" that holds {role.Accepts}; its columns are {ShardColumn.Describe(columns)}. Name one of them in {role.SpecKey}.";
}
