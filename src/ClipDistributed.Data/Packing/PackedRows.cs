using System.Text;
using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Files;
using ClipDistributed.Data.Images;
using ClipDistributed.Data.Packing.Pictures;

namespace ClipDistributed.Data.Packing;

/// <summary>Reads the files of items; safe for several threads.</summary>
internal sealed class PackedRows(PackOptions options)
{
    private const long MaxSidecar = 1 << 20;

    private readonly PackedImage images = new(
        options.Resize, options.Background is { } colour ? Background.TryParse(colour) : null, options.Quality, options.MaxPixels);

    /// <param name="items">Of one file, or all of them left out.</param>
    /// <returns>A row each; the file is read and decoded once.</returns>
    public PackedRow[] Make(IReadOnlyList<PackItem> items)
    {
        var rows = new PackedRow[items.Count];
        int first = -1; // whose row depends on the file
        for (int i = 0; i < rows.Length; i++)
        {
            bool isKnown = first >= 0 && items[i] is { Problem: null, Caption: not null };
            rows[i] = !isKnown ? Make(items[i]) : rows[first].Image is null ? rows[first] : rows[first] with { Caption = items[i].Caption };
            if (first < 0 && items[i] is { Problem: null, Caption: not null })
                first = i;
        }
        return rows;
    }

    private PackedRow Make(PackItem item)
    {
        if (item.Problem is not null)
            return Left(item.Problem);
        string sidecar = PackList.SidecarOf(item.Path);
        try
        {
            string caption = item.Caption ?? Text(Bytes(sidecar, MaxSidecar, "its .txt "));
            if (caption == "")
                return Left("has an empty caption");
            byte[] file = Bytes(item.Path, ImageDecoder.MaxFile, "");
            byte[] image = images.Of(file, out bool isTransparent);
            return new PackedRow(image, caption, null, ReferenceEquals(image, file), isTransparent);
        }
        catch (DamagedImageException damage)
        {
            return Left(damage.Reason);
        }
        catch (FileNotFoundException) when (item.Caption is null && FileKinds.Of(sidecar) == FileKind.Missing)
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

    /// <exception cref="DamagedImageException">It is not a regular file, or larger than an image or a caption is.</exception>
    private static byte[] Bytes(string path, long limit, string what)
    {
        if (FileKinds.Of(path) is (FileKind.Folder or FileKind.Pipe or FileKind.Socket or FileKind.Device) and var kind)
            throw new DamagedImageException($"{what}{kind.Words()}");
        using var file = InputFile.OpenRegular(path, bufferSize: 1);
        if (file.Length > limit)
            throw new DamagedImageException($"{what}has more than {Counted.Of(limit, "byte")}");
        byte[] bytes = new byte[file.Length];
        file.ReadExactly(bytes);
        return bytes;
    }

    private static string Text(byte[] sidecar)
    {
        using var reader = new StreamReader(new MemoryStream(sidecar));
        string text = reader.ReadToEnd().Trim();
        return text.Contains('\0', StringComparison.Ordinal) ? throw new DamagedImageException("its .txt is not text in UTF-8") : text;
    }

    private static PackedRow Left(string problem) => new(null, null, problem, IsFile: false, IsTransparent: false);
}
