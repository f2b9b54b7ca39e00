using ClipDistributed.Data.Images;
using ClipDistributed.TestKit.Images;
using SkiaSharp;

namespace ClipDistributed.Data.Tests.Images;

public sealed class ImageDecoderTests
{
    private const long MaxPixels = 1 << 24;

    public static TheoryData<string> DecodedNames => new(PreprocessFixture.Shared.NamesEndingIn("/decoded_rgb_u8"));

    public static TheoryData<string> Files => new(PreprocessFixture.Files);

    [Theory]
    [MemberData(nameof(DecodedNames))]
    public void Decode_JpegOfAnyKind_GivesPillowsPixels(string name)
    {
        string file = name.Split('/')[0];
        var expected = PreprocessFixture.Shared.Decoded(file);
        var actual = PreprocessFixture.Decode(file);
        Assert.Equal((expected.Width, expected.Height), (actual.Width, actual.Height));
        Assert.Equal(expected.Pixels, actual.Pixels);
    }

    [Fact]
    public void Decode_SixteenBitRgb_KeepsTheHighByte() =>
        Assert.Equal([1, 2, 3, 200, 100, 50], Pixels(PngBytes.Write(2, 1, 16, 2, [1, 255, 2, 0, 3, 128, 200, 9, 100, 9, 50, 9])));

    // Pillow's way from "I;16" to RGB clips.
    [Fact]
    public void Decode_SixteenBitGrey_ClipsAt255()
    {
        var samples = Enumerable.Range(0, 600).SelectMany(value => new[] { (byte)(value >> 8), (byte)value }).ToArray();
        var pixels = Pixels(PngBytes.Write(600, 1, 16, 0, samples));
        Assert.Equal(Enumerable.Range(0, 1800).Select(i => (byte)Math.Min(i / 3, 255)), pixels);
        Assert.Equal([255, 255, 255], Pixels(PngBytes.Write(1, 1, 16, 0, [255, 255])));
        Assert.Equal([9, 9, 9], Pixels(PngBytes.Write(1, 1, 16, 0, [0, 9], ("gAMA", [0, 1, 0x86, 0xA0]), ("tRNS", [0, 9]))));
    }

    [Theory]
    [InlineData(1, (byte)0b10000000, (byte)255, (byte)0)]
    [InlineData(2, (byte)0b10010000, (byte)170, (byte)85)]
    [InlineData(4, (byte)0b10000001, (byte)136, (byte)17)]
    public void Decode_FewBitsOfGrey_AreSpreadOver255(int bitDepth, byte packed, byte first, byte second) =>
        Assert.Equal([first, first, first, second, second, second], Pixels(PngBytes.Write(2, 1, bitDepth, 0, [packed])));

    [Fact]
    public void Decode_Alpha_IsDroppedWithoutCompositing()
    {
        Assert.Equal([10, 20, 30, 40, 50, 60], Pixels(PngBytes.Write(2, 1, 8, 6, [10, 20, 30, 0, 40, 50, 60, 3])));
        Assert.Equal([77, 77, 77, 9, 9, 9], Pixels(PngBytes.Write(2, 1, 8, 4, [77, 0, 9, 128])));
        Assert.Equal([10, 20, 30], Pixels(PngBytes.Write(1, 1, 8, 2, [10, 20, 30], ("tRNS", [0, 10, 0, 20, 0, 30]))));
        Assert.Equal([4, 5, 6, 1, 2, 3], Pixels(PngBytes.Write(2, 1, 8, 3, [1, 0], ("PLTE", [1, 2, 3, 4, 5, 6]), ("tRNS", [255, 0]))));
    }

    [Fact]
    public void Decode_Gamma_ChangesNothing() =>
        Assert.Equal([10, 20, 30], Pixels(PngBytes.Write(1, 1, 8, 2, [10, 20, 30], ("gAMA", [0, 1, 0x86, 0xA0]))));

    [Theory]
    [InlineData(1)]
    [InlineData(5)]
    [InlineData(6)]
    [InlineData(7)]
    [InlineData(33)]
    public void Decode_AnyWidth_KeepsEveryPixel(int width)
    {
        var samples = Enumerable.Range(0, width * 3).Select(i => (byte)(i * 7)).ToArray();
        Assert.Equal(samples, Pixels(PngBytes.Write(width, 1, 8, 2, samples)));
    }

    [Fact]
    public void Decode_LosslessWebp_GivesItsPixels()
    {
        using var bitmap = new SKBitmap(new SKImageInfo(3, 2, SKColorType.Rgba8888, SKAlphaType.Unpremul));
        for (int i = 0; i < 6; i++)
            bitmap.SetPixel(i % 3, i / 3, new SKColor((byte)(i * 40), (byte)(255 - i), (byte)i));
        using var pixmap = bitmap.PeekPixels()!;
        using var encoded = pixmap.Encode(new SKWebpEncoderOptions(SKWebpEncoderCompression.Lossless, 100))!;
        var image = ImageDecoder.Decode(encoded.AsSpan(), MaxPixels);
        Assert.Equal((3, 2), (image.Width, image.Height));
        Assert.Equal(Enumerable.Range(0, 6).SelectMany(i => new[] { (byte)(i * 40), (byte)(255 - i), (byte)i }), image.Pixels);
    }

    [Fact]
    public void Decode_Gif_GivesTheFirstFrame()
    {
        byte[] frame(byte bits) => [0x2C, 0, 0, 0, 0, 2, 0, 1, 0, 0, 2, 2, bits, 0x0A, 0];
        // Two colours, codes of three bits: clear, then the two pixels. The second frame swaps them.
        byte[] gif = [.. "GIF89a"u8, 2, 0, 1, 0, 0x80, 0, 0, 11, 22, 33, 44, 55, 66, .. frame(0b01000100), .. frame(0b00001100), 0x3B];
        Assert.Equal([11, 22, 33, 44, 55, 66], Pixels(gif));
    }

    [Fact]
    public void Decode_NoBytes_IsDamage() => Assert.Equal("has no bytes", Damage([]));

    [Fact]
    public void Decode_Html_IsDamage() =>
        Assert.Equal(
            "is in no format that can be read (JPEG, PNG, WebP, GIF, BMP, TIFF, AVIF, JPEG 2000)",
            Damage("<!DOCTYPE html><html><body>404</body></html>"u8.ToArray())
        );

    [Theory]
    [MemberData(nameof(Files))]
    public void Decode_CutShort_IsDamage(string file)
    {
        var whole = PreprocessFixture.Bytes(file);
        foreach (double part in new[] { 0.02, 0.1, 0.5, 0.9, 0.97 })
            Assert.NotEmpty(Damage(whole[..(int)(whole.Length * part)]));
    }

    // Whatever the bytes are, there is a verdict, and it is the same the next time.
    [Theory]
    [MemberData(nameof(Files))]
    public void Decode_RandomCorruption_GivesAnImageOrDamage(string file)
    {
        var random = new Random(17);
        for (int trial = 0; trial < 60; trial++)
        {
            var bytes = PreprocessFixture.Bytes(file);
            for (int i = 0; i < 4; i++)
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            Assert.Equal(Verdict(bytes), Verdict(bytes));
        }
    }

    [Fact]
    public void Decode_SixteenBitGreyCutShort_IsDamage()
    {
        var samples = new byte[200 * 200 * 2];
        new Random(1).NextBytes(samples);
        Assert.Equal("is a corrupt PNG", Damage(PngBytes.Write(200, 200, 16, 0, samples)[..40000]));
    }

    [Fact]
    public void Decode_BrokenPngPixels_IsDamage()
    {
        var bytes = PreprocessFixture.Bytes("rgb_odd.png");
        bytes[bytes.Length / 2] ^= 0x55;
        Assert.Equal("is a corrupt PNG", Damage(bytes));
    }

    // The header promises 10^10 pixels: taking memory for them would end the test's process or fail otherwise.
    [Fact]
    public void Decode_OverThePixelLimit_IsDamageBeforeMemoryIsTaken()
    {
        var huge = PngBytes.Write(100_000, 100_000, 8, 2, [.. new byte[16]]);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Equal("has 100000x100000 pixels, the limit is 16777216 in all", Damage(huge));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1 << 20);
    }

    [Fact]
    public void Decode_PixelLimit_IsInclusive()
    {
        var file = PreprocessFixture.Bytes("tiny_upsampled.png");
        Assert.Equal(31, ImageDecoder.Decode(file, 31 * 17).Width);
        Assert.Equal(
            "has 31x17 pixels, the limit is 526 in all",
            Assert.Throws<DamagedImageException>(() => ImageDecoder.Decode(file, 526)).Reason
        );
    }

    // Only then may a host do without the shim.
    [Theory]
    [MemberData(nameof(Files))]
    public void Decode_WithAndWithoutTheShim_GivesTheSamePixels(string file)
    {
        Assert.SkipUnless(JpegShim.IsThere, "libjpeg's headers were missing when this was built");
        var bytes = PreprocessFixture.Bytes(file);
        Assert.Equal(
            ImageDecoder.Decode(bytes, MaxPixels, count => new byte[count], vectorized: false).Pixels,
            ImageDecoder.Decode(bytes, MaxPixels, count => new byte[count]).Pixels
        );
    }

    [Theory]
    [InlineData("rgb_420.jpg", true)]
    [InlineData("gray.jpg", true)]
    [InlineData("progressive_444.jpg", true)]
    [InlineData("cmyk.jpg", false)]
    public void TryDecode_KindsOfJpeg_TakesThoseOfOneAndThreeChannels(string file, bool taken)
    {
        Assert.SkipUnless(JpegShim.IsThere, "libjpeg's headers were missing when this was built");
        var bytes = PreprocessFixture.Bytes(file);
        Assert.Equal(taken, JpegShim.Header(bytes) is not null);
        Assert.Equal(taken, JpegShim.TryDecode(bytes, new byte[1 << 20]));
        Assert.False(JpegShim.TryDecode(bytes, new byte[100]));
        Assert.False(JpegShim.TryDecode(bytes.AsSpan(0, bytes.Length - 50), new byte[1 << 20]));
    }

    [Fact]
    public void Rent_LongerArray_HoldsThePixelsAtItsStart()
    {
        var expected = PreprocessFixture.Decode("rgb_odd.png");
        var rented = ImageDecoder.Rent(PreprocessFixture.Bytes("rgb_odd.png"), MaxPixels);
        Assert.Equal(expected.Pixels, rented.Pixels[..expected.Pixels.Length]);
        ImageDecoder.GiveBack(rented);
    }

    [Fact]
    public void Decode_AnimatedWebp_GivesTheFirstFrame()
    {
        var image = ImageDecoder.Decode(WebpBytes.Animated((10, 200, 30), (250, 0, 0)), MaxPixels);
        Assert.Equal((16, 16), (image.Width, image.Height));
        Assert.Equal([10, 200, 30], image.Pixels[..3]);
    }

    private static byte[] Pixels(byte[] encoded) => ImageDecoder.Decode(encoded, MaxPixels).Pixels;

    private static string Verdict(byte[] encoded)
    {
        try
        {
            return Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(Pixels(encoded)));
        }
        catch (DamagedImageException damage)
        {
            return damage.Reason;
        }
    }

    private static string Damage(byte[] encoded) =>
        Assert.Throws<DamagedImageException>(() => ImageDecoder.Decode(encoded, MaxPixels)).Reason;
}
