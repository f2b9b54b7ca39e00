using System.Text.Json;
using ClipDistributed.Data.Images;

namespace ClipDistributed.Data.Tests.Images;

/// <summary>The golden vectors of Pillow and OpenCLIP: files, tensors (a minimal safetensors reader) and the facts of
/// preprocess.json.</summary>
internal sealed class PreprocessFixture
{
    private const long MaxPixels = 1 << 24;

    private readonly byte[] tensors = File.ReadAllBytes(PathOf("preprocess.safetensors"));
    private readonly JsonElement header;
    private readonly int dataStart;

    private PreprocessFixture()
    {
        dataStart = 8 + (int)BitConverter.ToUInt64(tensors);
        header = JsonDocument.Parse(tensors.AsMemory(8, dataStart - 8)).RootElement;
    }

    public static PreprocessFixture Shared { get; } = new();

    public static IEnumerable<string> Files { get; } =
        JsonDocument.Parse(File.ReadAllBytes(PathOf("preprocess.json"))).RootElement.GetProperty("images")
            .EnumerateArray().Select(image => image.GetProperty("file").GetString()!).ToArray();

    public static byte[] Bytes(string file) => File.ReadAllBytes(PathOf(file));

    public static RgbImage Decode(string file) => ImageDecoder.Decode(Bytes(file), MaxPixels);

    /// <summary>Sums of the three planes at 224 px on OpenCLIP's direct path.</summary>
    public static long[] Sums224(string file) =>
        JsonDocument.Parse(File.ReadAllBytes(PathOf("preprocess.json"))).RootElement.GetProperty("images").EnumerateArray()
            .Single(image => image.GetProperty("file").GetString() == file)
            .GetProperty("sum224_u8").EnumerateArray().Select(sum => sum.GetInt64()).ToArray();

    public bool Has(string name) => header.TryGetProperty(name, out _);

    public IEnumerable<string> NamesEndingIn(string suffix) =>
        header.EnumerateObject().Select(tensor => tensor.Name).Where(name => name.EndsWith(suffix, StringComparison.Ordinal));

    public ReadOnlySpan<byte> Tensor(string name)
    {
        var offsets = header.GetProperty(name).GetProperty("data_offsets");
        return tensors.AsSpan(dataStart)[offsets[0].GetInt32()..offsets[1].GetInt32()];
    }

    /// <summary>The pixels that Pillow decoded: its own where they are stored, else those of a lossless file.</summary>
    public RgbImage Decoded(string file)
    {
        string name = file + "/decoded_rgb_u8";
        if (!Has(name))
            return Decode(file);
        var shape = header.GetProperty(name).GetProperty("shape");
        int height = shape[1].GetInt32(), width = shape[2].GetInt32();
        var planes = Tensor(name);
        var pixels = new byte[planes.Length];
        for (int i = 0; i < planes.Length; i++)
            pixels[i % (width * height) * 3 + i / (width * height)] = planes[i];
        return new RgbImage(width, height, pixels);
    }

    /// <summary>OpenCLIP's result where the image is converted to RGB first (stored apart only where it differs).</summary>
    public ReadOnlySpan<byte> ConvertedFirst64(string file) =>
        Tensor(Has(file + "/pilrgb64_u8") ? file + "/pilrgb64_u8" : file + "/direct64_u8");

    private static string PathOf(string file) => Fixtures.File("preprocess", file);
}
