using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Files;
using ClipDistributed.Data.Images;
using ClipDistributed.Data.Manifests;
using ClipDistributed.Data.Shards;

namespace ClipDistributed.Data.Verification;

/// <summary>The images that a path of the user's leads to: those of shards, and those that are files of their own.</summary>
/// <param name="Path">As the user wrote it.</param>
/// <param name="Shards">Of a folder at any depth, in ordinal order.</param>
/// <param name="Images">The same; full paths where the path is a folder.</param>
/// <param name="LeftOut">A line for each reason why other files of a folder of images are none. Files beside shards are no concern.</param>
public sealed record ImageSource(string Path, IReadOnlyList<string> Shards, IReadOnlyList<string> Images, IReadOnlyList<string> LeftOut)
{
    /// <summary>
    /// A file is a shard by its name or its first bytes, else an image: what is wrong with it is found when it is decoded.
    /// </summary>
    /// <param name="key">The option or argument that names the path; begins the error.</param>
    /// <exception cref="BadInputException">There is nothing, or neither a file nor a folder, or a folder without either kind.</exception>
    public static ImageSource Find(string path, string key)
    {
        var kind = FileKinds.Of(path);
        if (kind == FileKind.Missing && ShardPaths.Find(path) is { Files.Count: > 0 } pattern)
            return new ImageSource(path, pattern.Files, [], []);
        if (kind == FileKind.Regular)
            return IsShard(path) ? new ImageSource(path, [path], [], []) : new ImageSource(path, [], [path], []);
        if (kind != FileKind.Folder)
            throw new BadInputException($"{key}: {path} {kind.Words()}; name image files, shards, folders of them, or a pattern.");
        var shards = ShardListing.Below(path);
        var listing = ImageListing.Of(path);
        string[] leftOut = [.. listing.Others.Where(file => !ShardListing.IsShard(file.Path)).GroupBy(file => file.Reason).Select(reason =>
            $"{path}: {reason.Count():N0} left out: {reason.Key} (first: {System.IO.Path.GetRelativePath(path, reason.First().Path)})")];
        if (shards.Count + listing.Images.Count == 0)
        {
            throw new BadInputException(
                [$"{key}: {path} has neither images ({ImageListing.Formats}) nor shards ({ShardListing.Kinds}).", .. leftOut]);
        }
        return new ImageSource(path, shards, listing.Images, listing.Images.Count > 0 ? leftOut : []);
    }

    private static bool IsShard(string path)
    {
        if (ShardListing.IsShard(path))
            return true;
        try
        {
            using var source = FileSource.Open(path);
            return ShardFormats.ByStart(source) is not null;
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            return false; // said when it is read
        }
    }
}
