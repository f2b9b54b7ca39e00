using ClipDistributed.Data.Images;

namespace ClipDistributed.Data.Packing;

/// <summary>What became of an item.</summary>
/// <param name="Image">The bytes to store; null: it is left out.</param>
/// <param name="Caption">Its text.</param>
/// <param name="Problem">Why it is left out.</param>
internal readonly record struct PackedRow(byte[]? Image, string? Caption, string? Problem);

/// <summary>Reads the files of items; safe for several threads.</summary>
internal sealed class PackedRows(PackOptions options)
{
    private readonly PackedImage images = new(options.Resize, options.Background is { } colour ? Background.TryParse(colour) : null, options.Quality, options.MaxPixels);

    public PackedRow Make(PackItem item)
    {
        if (item.Problem is not null)
            return Left(item.Problem);
        try
        {
            string caption = item.Caption ?? File.ReadAllText(PackList.SidecarOf(item.Path)).Trim();
            return caption == "" ? Left("has an empty caption") : new PackedRow(images.Of(File.ReadAllBytes(item.Path)), caption, null);
        }
        catch (DamagedImageException damage)
        {
            return Left(damage.Reason);
        }
        catch (FileNotFoundException) when (item.Caption is null && !File.Exists(PackList.SidecarOf(item.Path)))
        {
            return Left("has no .txt file beside it");
        }
        catch (UnauthorizedAccessException)
        {
            return Left("may not be read (no permission)");
        }
        catch (FileNotFoundException)
        {
            return Left("is a link to nothing, or was removed");
        }
    }

    private static PackedRow Left(string problem) => new(null, null, problem);
}
