using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Spec.V1;
using ClipDistributed.Data.ParquetFiles;
using ClipDistributed.Data.Shards;

namespace ClipDistributed.Data.ParquetShards;

/// <summary>Chooses the columns of a Parquet file, and says why none can be used.</summary>
internal static class ParquetColumns
{
    private const string Auto = "auto";

    /// <exception cref="BadInputException">Every column that is missing or cannot be used.</exception>
    public static ShardEntry Choose(ParquetFile file, SourceSpec source, ColumnNeeds needs)
    {
        string path = file.Source.Path;
        var columns = file.Footer.Columns;
        var errors = new List<string>();
        string? image = Choose(source.ImageColumn, ColumnRole.Image, ColumnNeed.Required);
        string? caption = Choose(source.CaptionColumn, ColumnRole.Caption, needs.Captions);
        string? label = Choose(source.LabelColumn, ColumnRole.Label, needs.Labels);
        if (image is not null && StoredPaths.Instead(file, columns.First(column => column.Name == image)) is { } paths)
            errors.Add($"{path}: {paths}");
        if (errors.Count > 0)
            throw new BadInputException(errors);

        SchemaNode?[] leaves = [ShardColumn.Find(columns, image!, ColumnRole.Image),
            caption is null ? null : ShardColumn.Find(columns, caption, ColumnRole.Caption)];
        var groups = file.Footer.Groups.Select((group, i) => new BlockEntry(
            group.Rows, leaves.OfType<SchemaNode>().Sum(leaf => file.Footer.Chunk(i, leaf, file.DataLength).Uncompressed)));
        return new ShardEntry(path, file.Source.Length, [.. groups], image!, caption, label);

        string? Choose(string named, ColumnRole role, ColumnNeed need)
        {
            bool isNamed = named is not ("" or Auto);
            string? column = isNamed
                ? ShardColumn.Find(columns, named, role) is null ? null : named
                : ShardColumn.FindByUsualName(columns, role, need != ColumnNeed.Ignored);
            if (column is not null)
                return column;
            var unusable = isNamed ? columns.FirstOrDefault(field => field.Name == named) : ShardColumn.FindUnusable(columns, role);
            if (isNamed || need == ColumnNeed.Required || (need == ColumnNeed.Usable && unusable is not null))
                errors.Add(Missing(file, path, isNamed ? named : null, unusable, role));
            return null;
        }
    }

    private static string Missing(ParquetFile file, string path, string? named, SchemaNode? unusable, ColumnRole role)
    {
        string which = named is not null
            ? $"'{Excerpt.Of(named)}'"
            : $"under a usual name ({string.Join(", ", role.UsualNames.Take(5))}, …)";
        string type = unusable is null
            ? ""
            : $": '{FileWords.Of(unusable.Name)}' holds "
                + $"{FileWords.Of(unusable.TypeName)}{(role == ColumnRole.Image ? StoredPaths.Describe(file, unusable) : "")}";
        string advice = unusable is not null && role.Advice(unusable.Kind) is { } known
            ? $"{known} Or name another column"
            : "Name one of them";
        string packing = role == ColumnRole.Label && unusable is null && named is null
            ? " From a folder of images for each class clipd data pack FOLDER --labels folders --out DIR makes shards with labels."
            : "";
        return $"{path} has no {role.Name} column {which} that holds {role.Accepts}{type}; its columns are "
            + $"{ShardColumn.Describe(file.Footer.Columns)}. {advice} in {role.SpecKey}.{packing}";
    }
}
