using System.IO.Enumeration;
using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Files;

namespace ClipDistributed.Data.Images;

/// <summary>
/// The images of a folder and its sub-folders, found by their first bytes, in an order that no file system decides. A file that only its
/// ending calls an image counts as one: what is wrong with it is found when it is decoded. Linked folders are not entered, they may
/// lead in a circle.
/// </summary>
/// <param name="Images">Full paths, sorted by their path below the folder, ordinally.</param>
/// <param name="Others">All other files but captions and notes beside an image of the same name; in order.</param>
public sealed record ImageListing(IReadOnlyList<string> Images, IReadOnlyList<OtherFile> Others)
{
    /// <summary>What is found, as a message lists it.</summary>
    public const string Formats = ImageFormats.Known;

    private const string ArchiveFolder = "__MACOSX", NotAnImage = "is not an image";
    private const int FilesAtOnce = 8; // hides the latency of a network file system

    /// <summary>Of files that say something about the image beside them. Any other one of its name is not an image that was meant to
    /// be.</summary>
    private static readonly HashSet<string> NoteEndings = new(
        [".txt", ".caption", ".captions", ".tags", ".json", ".xml", ".xmp", ".yaml", ".yml"], StringComparer.OrdinalIgnoreCase);

    /// <exception cref="BadInputException">The folder, or one below it, may not be searched.</exception>
    public static ImageListing Of(string folder)
    {
        string root = Path.GetFullPath(folder);
        string[] files;
        try
        {
            files = [.. FilesIn(root).OrderBy(path => Path.GetRelativePath(root, path), StringComparer.Ordinal)];
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            throw new BadInputException(
                $"{folder} cannot be searched ({refused.Message}); check the path and its permissions, or leave it out.");
        }
        string?[] reasons =
            [.. files.AsParallel().AsOrdered().WithDegreeOfParallelism(FilesAtOnce).Select(path => Hidden(root, path) ?? NoImage(path))];
        var images = files.Where((_, i) => reasons[i] is null).ToList();
        var stems = images.Select(Stem).ToHashSet();
        return new ImageListing(images, [.. files.Zip(reasons, (path, reason) => (Path: path, Reason: reason))
            .Where(file => file.Reason is not null && !(file.Reason == NotAnImage && IsNote(file.Path)))
            .Select(file => new OtherFile(file.Path, file.Reason!))]);

        bool IsNote(string path) => NoteEndings.Contains(Path.GetExtension(path)) && stems.Contains(Stem(path));
    }

    /// <summary>Names that begin with a point, macOS' copies of attributes among them, are not what a user sees in a folder.</summary>
    private static string? Hidden(string root, string path)
    {
        string[] parts = Path.GetRelativePath(root, path).Split('/');
        if (parts[^1].StartsWith('.'))
            return "is hidden (its name begins with a point)";
        if (parts.Contains(ArchiveFolder))
            return $"lies in {ArchiveFolder}";
        return parts.Any(part => part.StartsWith('.')) ? "lies in a hidden folder" : null;
    }

    /// <summary>Null: it is an image, or claims to be one.</summary>
    private static string? NoImage(string path)
    {
        bool claims = ImageFormats.HasImageEnding(path);
        var kind = FileKinds.Of(path);
        if (kind == FileKind.Folder)
            return "is a link to a folder";
        if (kind is not FileKind.Regular)
            return claims && kind is FileKind.Missing or FileKind.Denied ? null : kind == FileKind.Missing ? NotAnImage : kind.Words();
        if (claims)
            return null;
        try
        {
            Span<byte> start = stackalloc byte[ImageFormats.Prefix];
            using var file = InputFile.OpenRegular(path, bufferSize: 1);
            int length = file.ReadAtLeast(start, start.Length, throwOnEndOfStream: false);
            return ImageFormats.Of(start[..length]) == ImageFormat.Other ? NotAnImage : null;
        }
        catch (UnauthorizedAccessException)
        {
            return FileKind.Denied.Words();
        }
        catch (IOException)
        {
            return NotAnImage; // it was deleted, or cannot be read: nothing says that it was one
        }
    }

    private static string Stem(string path) => Path.Combine(Path.GetDirectoryName(path)!, Path.GetFileNameWithoutExtension(path));

    private static FileSystemEnumerable<string> FilesIn(string root)
    {
        var all = new EnumerationOptions { RecurseSubdirectories = true, IgnoreInaccessible = false, AttributesToSkip = 0 };
        return new(root, (ref FileSystemEntry entry) => entry.ToFullPath(), all)
        {
            ShouldIncludePredicate = (ref FileSystemEntry entry) => !entry.IsDirectory || IsLink(ref entry),
            ShouldRecursePredicate = (ref FileSystemEntry entry) => !IsLink(ref entry),
        };
    }

    private static bool IsLink(ref FileSystemEntry entry) => (entry.Attributes & FileAttributes.ReparsePoint) != 0;
}
