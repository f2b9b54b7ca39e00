using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Files;
using ClipDistributed.Data.Images;

namespace ClipDistributed.Data.Packing;

/// <summary>The images of some folders as items.</summary>
internal static class ImageFolder
{
    /// <summary>Sorted by name inside each folder, ordinally; the folders in their order.</summary>
    /// <param name="folders">To search.</param>
    /// <param name="output">A folder that may lie in one of them: what is in it was packed, and is not looked at.</param>
    /// <returns>The images, and the other files with the reason why they are none.</returns>
    /// <exception cref="BadInputException">A folder may not be read.</exception>
    public static (List<PackItem> Images, List<PackItem> Others) List(IReadOnlyList<string> folders, string output)
    {
        List<PackItem> images = [], others = [];
        var seen = new HashSet<string>(StringComparer.Ordinal); // one folder may lie in another, or be a link to it
        string packed = (Directory.Exists(output) ? RealPath.OfFolder(output) : Path.GetFullPath(output)) + "/";
        foreach (string folder in folders)
        {
            string root = Path.GetFullPath(folder), real = RealPath.OfFolder(root);
            var listing = ImageListing.Of(root);
            foreach (string path in listing.Images.Where(IsNew))
                images.Add(new PackItem(path, Path.GetRelativePath(root, path)));
            foreach (var file in listing.Others.Where(file => IsNew(file.Path)))
                others.Add(new PackItem(file.Path, Path.GetRelativePath(root, file.Path), Problem: file.Reason));

            bool IsNew(string path) => Path.Combine(real, Path.GetRelativePath(root, path)) is var at
                && !at.StartsWith(packed, StringComparison.Ordinal) && seen.Add(at);
        }
        return (images, others);
    }
}
