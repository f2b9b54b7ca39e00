using System.Globalization;
using ClipDistributed.Contracts.Errors;
using ClipDistributed.Data.Manifests;
using ClipDistributed.Data.Shards;

namespace ClipDistributed.Data.Batches;

/// <summary>
/// Finds the class that a stored label means. A text is a class by its name first, and only then by its number from 0, since
/// classes may be called 7 or 2024; a number is a class by its number first.
/// </summary>
internal sealed class ClassLabels(IReadOnlyList<string> classes)
{
    private readonly Dictionary<string, int> numbers = classes.Index().GroupBy(name => name.Item, StringComparer.Ordinal)
        .ToDictionary(group => group.Key, group => group.First().Index, StringComparer.Ordinal);

    /// <param name="row">In the shard, from 0; for the error.</param>
    /// <param name="place">In the row group.</param>
    /// <exception cref="BadInputException">The label is no class, or null.</exception>
    public int ClassOf(ShardEntry shard, long row, RowGroupData rows, int place)
    {
        string? label = rows.Labels![place];
        int? named = label is not null && numbers.TryGetValue(label, out int known) ? known : null;
        int? counted = int.TryParse(label, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number < classes.Count
            ? number
            : null;
        return (rows.LabelsAreNumbers ? counted ?? named : named ?? counted)
            ?? throw new BadInputException(
                $"{shard.Path} row {row}: the label in column '{shard.LabelColumn}' is {(label is null ? "null" : $"'{label}'")}; "
                + $"allowed are the {classes.Count} classes by name, or their numbers from 0 to {classes.Count - 1}.");
    }
}
