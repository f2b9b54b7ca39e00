using ClipDistributed.Contracts.Errors;
using ClipDistributed.Data.Images;

namespace ClipDistributed.Data.Packing;

/// <summary>The images of some folders as items.</summary>
internal static class ImageFolder
{
    /// <summary>Sorted by name inside each folder, ordinally; the folders in their order.</summary>
    /// <returns>The images, and the other files with the reason why they are none.</returns>
    /// <exception cref="BadInputException">A folder may not be read.</exception>
    public static (List<PackItem> Images, List<PackItem> Others) List(IReadOnlyList<string> folders)
    {
        List<PackItem> images = [], others = [];
        foreach (string folder in folders)
        {
            string root = Path.GetFullPath(folder);
            var listing = ImageListing.Of(root);
            images.AddRange(listing.Images.Select(path => new PackItem(path, Path.GetRelativePath(root, path))));
            others.AddRange(
                listing.Others.Select(file => new PackItem(file.Path, Path.GetRelativePath(root, file.Path), Problem: file.Reason)));
        }
        return ([.. images.DistinctBy(item => item.Path)], [.. others.DistinctBy(item => item.Path)]); // one folder may lie in another
    }
}
