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
    private readonly ILookup<string, int> numbers = classes.Index().ToLookup(name => name.Item, name => name.Index, StringComparer.Ordinal);

    /// <param name="row">In the shard, from 0; for the error.</param>
    /// <param name="place">In the block.</param>
    /// <exception cref="BadInputException">The label is not a class, null, or the name of several.</exception>
    public int ClassOf(ShardEntry shard, long row, BlockData rows, int place)
    {
        string? label = rows.Labels![place];
        int[] called = label is null ? [] : [.. numbers[label]];
        int? counted = int.TryParse(label, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number < classes.Count
            ? number
            : null;
        if (rows.LabelsAreNumbers && counted is not null)
            return counted.Value;
        if (called.Length > 1)
            throw new BadInputException(
                $"{shard.Path} row {row}: the label in column '{shard.LabelColumn}' is '{label}', the name of the classes "
                    + $"{string.Join(" and ", called)} (from 0); give each class a name of its own, or store numbers."
            );
        return called.Length == 1
            ? called[0]
            : counted
                ?? throw new BadInputException(
                    $"{shard.Path} row {row}: the label in column '{shard.LabelColumn}' is {(label is null ? "null" : $"'{label}'")}; "
                        + $"allowed are the {Counted.Plain(classes.Count, "class", "classes")} by name, or their numbers from 0 to "
                        + $"{classes.Count - 1}."
                );
    }
}
