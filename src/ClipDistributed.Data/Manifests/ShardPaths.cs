using ClipDistributed.Contracts.Errors;

namespace ClipDistributed.Data.Manifests;

/// <summary>The shards that a path of the user's leads to.</summary>
/// <param name="Root">The folder below which their names begin.</param>
/// <param name="Files">Absolute, in ordinal order.</param>
public sealed record ShardPaths(string Root, IReadOnlyList<string> Files)
{
    private const int MaxMissing = 3;

    /// <param name="path">A file, whatever its name is; a folder, which is searched at any depth; or a pattern of either.</param>
    /// <returns>Null: there is nothing. No files: what is there holds no shards.</returns>
    /// <exception cref="BadInputException">A folder cannot be read, or a file that braces name is not there.</exception>
    public static ShardPaths? Find(string path)
    {
        string absolute = Path.GetFullPath(path);
        if (File.Exists(absolute))
            return new ShardPaths(Path.GetDirectoryName(absolute)!, [absolute]);
        if (Directory.Exists(absolute))
            return new ShardPaths(absolute, ShardListing.Below(absolute));
        return ShardPattern.IsPattern(absolute) ? OfPattern(absolute) : null;
    }

    private static ShardPaths? OfPattern(string pattern)
    {
        var names = ShardPattern.Expand(pattern);
        var files = new List<string>();
        var matched = new List<string>();
        var missing = new List<string>();
        foreach (string name in names)
        {
            bool isExact = !ShardPattern.HasWildcard(name) || Path.Exists(name);
            foreach (string found in isExact ? [name] : ShardPattern.Match(name))
            {
                if (Directory.Exists(found))
                    files.AddRange(ShardListing.Below(found));
                else if (!isExact)
                    matched.Add(found);
                else
                    (File.Exists(found) ? files : missing).Add(found);
            }
        }
        if (missing.Count == names.Count)
            return null;
        if (missing.Count > 0)
        {
            throw new BadInputException(
                $"{pattern} names {Counted.Of(missing.Count, "file")} that {(missing.Count == 1 ? "is" : "are")} not there "
                    + $"({string.Join(", ", missing.Take(MaxMissing))}{(missing.Count > MaxMissing ? ", …" : "")}); name those that are.");
        }
        files.AddRange(ShardListing.Data(matched));
        return new ShardPaths(ShardPattern.Root(pattern), [.. files.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)]);
    }
}
