using System.Globalization;
using ClipDistributed.Contracts.Errors;
using ClipDistributed.Data.Shards;

namespace ClipDistributed.Data.Manifests;

/// <summary>
/// Whether two manifests describe the same data, wherever it lies: the same shards by name and order, with the same rows. What
/// only one of them knows, because an older program wrote it, is not compared.
/// </summary>
internal static class ManifestDifferences
{
    private const int MaxErrors = 5, MaxGroups = 8;

    /// <returns>One line for each shard that differs, with both values.</returns>
    public static IReadOnlyList<string> Find(DatasetManifest before, DatasetManifest now)
    {
        if (before.Shards.Count != now.Shards.Count)
            return
            [
                $"data.train has {Counted.Plain(now.Shards.Count, "shard")}; the run began with {before.Shards.Count} ({Names(before)}).",
            ];
        string[] found = [.. before.Shards.Zip(now.Shards, Difference).OfType<string>()];
        return found.Length <= MaxErrors
            ? found
            :
            [
                .. found.Take(MaxErrors),
                $"data.train: {Counted.Plain(found.Length - MaxErrors, "more shard")} "
                    + $"{(found.Length == MaxErrors + 1 ? "differs" : "differ")}.",
            ];
    }

    private static string? Difference(ShardEntry before, ShardEntry now)
    {
        bool bothNamed = before.Name is not null && now.Name is not null;
        (string Field, string Before, string Now)[] fields =
        [
            ("name", bothNamed ? before.Name! : Path.GetFileName(before.Path), bothNamed ? now.Name! : Path.GetFileName(now.Path)),
            ("rows", Text(before.Rows), Text(now.Rows)),
            ("blocks", Groups(before), Groups(now)),
            ("image column", before.ImageColumn, now.ImageColumn),
            ("caption column", before.CaptionColumn ?? "none", now.CaptionColumn ?? "none"),
            ("length", $"{Counted.Plain(before.Length, "byte")}", $"{Counted.Plain(now.Length, "byte")}"),
            ("digest of its end", before.Tail ?? now.Tail ?? "", now.Tail ?? before.Tail ?? ""),
        ];
        return fields.FirstOrDefault(field => field.Before != field.Now) is { Field: not null } other
            ? $"data.train: the {other.Field} of {now.Path} is {other.Now}; the run began with {other.Before}."
            : null;
    }

    private static string Groups(ShardEntry shard)
    {
        string rows = string.Join(", ", shard.Blocks.Take(MaxGroups).Select(group => Text(group.Rows)));
        if (shard.Blocks.Count <= MaxGroups)
            return rows;
        var others = shard.Blocks.Skip(MaxGroups).GroupBy(group => group.Rows).Take(4).Select(same => $"{same.Count()}×{same.Key}");
        return $"{rows}, … ({shard.Blocks.Count} of them, {string.Join('+', others)})";
    }

    private static string Names(DatasetManifest manifest)
    {
        string names = string.Join(", ", manifest.Shards.Take(3).Select(shard => Path.GetFileName(shard.Path)));
        return manifest.Shards.Count > 3 ? $"{names}, …" : names;
    }

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
