using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Files;
using ClipDistributed.Contracts.Spec.V1;
using ClipDistributed.Data.Shards;

namespace ClipDistributed.Data.Manifests;

/// <summary>What the manifest needs to know of one file, whatever its format is.</summary>
internal static class ShardDescription
{
    /// <returns>An entry without <see cref="ShardEntry.Name"/>; null: the file has no rows, or no bytes at all.</returns>
    /// <exception cref="BadInputException">The file cannot be used; every reason, each with the file's path.</exception>
    public static ShardEntry? Read(string path, SourceSpec columns, ColumnNeeds needs)
    {
        string title = "shard";
        try
        {
            if (FileKinds.Of(path) == FileKind.Regular && new FileInfo(path).Length == 0)
                return null;
            using var source = FileSource.Open(path);
            var format = ShardFormats.Of(source);
            title = format.Title;
            return format.Describe(source, columns, needs) is { } shard ? shard with { Format = ShardFormats.StoredName(format) } : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new BadInputException($"{path} cannot be read ({e.Message}); check the path and its permissions.");
        }
        catch (InvalidDataException e)
        {
            throw new BadInputException($"{path} is not a usable {title} ({e.Message}); write or copy it again.");
        }
    }
}
