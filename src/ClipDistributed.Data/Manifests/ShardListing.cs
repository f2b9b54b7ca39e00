using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Files;

namespace ClipDistributed.Data.Manifests;

/// <summary>Finds the shards below a folder.</summary>
public static class ShardListing
{
    /// <summary>What is found, as a message lists it.</summary>
    public static string Kinds { get; } = string.Join(", ", ShardFormats.All.Select(format => $"*{format.Endings[0]}"));

    /// <summary>Whether a file has the name of a shard.</summary>
    public static bool IsShard(string path) => ShardFormats.ByName(path) is not null;

    /// <summary>
    /// The shards of a folder and its sub-folders, in ordinal order of their paths. What begins with a point or an
    /// underscore is not data: other tools keep their notes under such names (<c>._x.parquet</c>, <c>_metadata</c>, <c>_temporary/</c>).
    /// </summary>
    /// <param name="folder">Its own name may be anything.</param>
    /// <exception cref="BadInputException">A folder cannot be read.</exception>
    public static List<string> Below(string folder)
    {
        var found = new List<string>();
        Walk(folder, found, [RealPath.OfFolder(folder)]);
        found.Sort(StringComparer.Ordinal);
        return found;
    }

    /// <summary>
    /// The shards among files. img2dataset writes <c>00000.parquet</c> beside <c>00000.tar</c>: what it knows of the tar's samples, without
    /// the images.
    /// </summary>
    internal static IEnumerable<string> Data(IReadOnlyList<string> files)
    {
        var tars = files.Where(file => HasEnding(file, ".tar")).Select(file => Path.ChangeExtension(file, null)).ToHashSet();
        return files.Where(file => IsData(file) && IsShard(file)
            && !(HasEnding(file, ".parquet") && tars.Contains(Path.ChangeExtension(file, null))));
    }

    private static void Walk(string folder, List<string> found, HashSet<string> visited)
    {
        try
        {
            found.AddRange(Data(Directory.GetFiles(folder)));
            // A link may lead back up.
            foreach (
                string inner in Directory.GetDirectories(folder).Where(inner => IsData(inner) && visited.Add(RealPath.OfFolder(inner)))
            )
                Walk(inner, found, visited);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new BadInputException($"{folder} cannot be read ({e.Message}); check the path and its permissions.");
        }
    }

    private static bool HasEnding(string file, string ending) => file.EndsWith(ending, StringComparison.OrdinalIgnoreCase);

    private static bool IsData(string path) => Path.GetFileName(path) is not (['.', ..] or ['_', ..]);
}
