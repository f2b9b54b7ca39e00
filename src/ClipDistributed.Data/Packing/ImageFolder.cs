using System.IO.Enumeration;
using ClipDistributed.Contracts.Errors;

namespace ClipDistributed.Data.Packing;

/// <summary>Finds pictures by their file names, in an order that no file system decides.</summary>
internal static class ImageFolder
{
    private static readonly HashSet<string> Extensions = new([".jpg", ".jpeg", ".png", ".webp", ".gif", ".bmp"], StringComparer.OrdinalIgnoreCase);

    public static bool IsImage(string path) => Extensions.Contains(Path.GetExtension(path));

    /// <summary>Sorted by name inside each folder, ordinally; the folders in their order.</summary>
    /// <exception cref="BadInputException">A folder may not be read.</exception>
    public static List<PackItem> List(IReadOnlyList<string> folders)
    {
        var items = new List<PackItem>();
        foreach (string folder in folders)
        {
            try
            {
                string root = Path.GetFullPath(folder);
                items.AddRange(FilesIn(root).Select(path => new PackItem(path, Path.GetRelativePath(root, path).Replace('\\', '/'))).OrderBy(item => item.Name, StringComparer.Ordinal));
            }
            catch (UnauthorizedAccessException refused)
            {
                throw new BadInputException($"{folder} cannot be searched ({refused.Message}); give read permission or leave it out.");
            }
        }
        return [.. items.DistinctBy(item => item.Path)]; // one folder may lie in another
    }

    /// <summary>Linked folders are not entered: they may lead in a circle.</summary>
    private static FileSystemEnumerable<string> FilesIn(string root) =>
        new(root, (ref FileSystemEntry entry) => entry.ToFullPath(), new EnumerationOptions { RecurseSubdirectories = true, IgnoreInaccessible = false })
        {
            ShouldIncludePredicate = (ref FileSystemEntry entry) => !entry.IsDirectory && IsImage(entry.FileName.ToString()),
            ShouldRecursePredicate = (ref FileSystemEntry entry) => (entry.Attributes & FileAttributes.ReparsePoint) == 0,
        };
}
