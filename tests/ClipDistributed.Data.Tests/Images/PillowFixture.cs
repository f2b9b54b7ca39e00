using System.Text.Json;
using ClipDistributed.Data.Images;

namespace ClipDistributed.Data.Tests.Images;

/// <summary>Small images of many formats with the pixels of Pillow, made by fixtures/images/make.py.</summary>
internal static class PillowFixture
{
    private static readonly string Folder = Fixtures.File("images");

    private static readonly Lazy<Dictionary<string, RgbImage>> Golden = new(() =>
    {
        using var json = JsonDocument.Parse(File.ReadAllText(Path.Combine(Folder, "expected.json")));
        return json
            .RootElement.EnumerateObject()
            .ToDictionary(
                image => image.Name,
                image => new RgbImage(
                    image.Value.GetProperty("width").GetInt32(),
                    image.Value.GetProperty("height").GetInt32(),
                    image.Value.GetProperty("rgb").GetBytesFromBase64()
                )
            );
    });

    public static IReadOnlyDictionary<string, RgbImage> Expected => Golden.Value;

    public static string PathOf(string name)
    {
        string made = Path.Combine(Folder, name);
        return File.Exists(made) ? made : Fixtures.File("cases", "images", name);
    }

    public static byte[] Bytes(string name) => File.ReadAllBytes(PathOf(name));
}
