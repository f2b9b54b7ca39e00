using ClipDistributed.TestKit.Images;

namespace ClipDistributed.Cli.Tests.HardInput;

/// <summary>One image file as the web has them.</summary>
/// <param name="Reason">What every command says of it; null: it can be used.</param>
internal sealed record HardImage(string Name, byte[] Bytes, string? Reason)
{
    private static readonly byte[] Photo = File.ReadAllBytes(
        Fixtures.File("preprocess", "rgb_420.jpg")
    );

    /// <summary>In the order of their names. The large one is complete: 50 MB of pixels behind 50 kB, 1.2 GB once they are RGB.</summary>
    public static IReadOnlyList<HardImage> All { get; } =
    [
        new("animated.webp", WebpBytes.Animated((250, 20, 30), (4, 5, 6)), null),
        new(
            "bomb.png",
            PngBytes.Write(20_000, 20_000, 1, 0, new byte[20_000 / 8 * 20_000]),
            "has 20000x20000 pixels, the limit is 100000000 in all"
        ),
        new("cut.jpg", Photo[..(Photo.Length / 2)], "is a JPEG cut short"),
        new(
            "page.jpg",
            "<html><body>404 Not Found</body></html>"u8.ToArray(),
            "is in no format that can be read (JPEG, PNG, WebP, GIF, BMP, TIFF, AVIF, JPEG 2000)"
        ),
        new("photo.jpg", Photo, null),
        new("sixteen.png", PngBytes.Write(8, 8, 16, 2, [.. Enumerable.Range(0, 8 * 8 * 6).Select(i => (byte)i)]), null),
        new("zero.png", [], "has no bytes"),
    ];

    public static IEnumerable<HardImage> Damaged => All.Where(image => image.Reason is not null);

    public static IEnumerable<HardImage> Sound => All.Where(image => image.Reason is null);

    /// <summary>Writes them all into a folder.</summary>
    public static void WriteTo(string folder)
    {
        Directory.CreateDirectory(folder);
        foreach (var image in All)
            File.WriteAllBytes(Path.Combine(folder, image.Name), image.Bytes);
    }
}
