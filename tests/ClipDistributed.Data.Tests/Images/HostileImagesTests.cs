using System.Buffers.Binary;
using System.Diagnostics;
using System.IO.Compression;
using ClipDistributed.Data.Images;
using ClipDistributed.TestKit.Images;

namespace ClipDistributed.Data.Tests.Images;

/// <summary>Images of a few bytes that are made to take a decoder's time or memory.</summary>
public sealed class HostileImagesTests
{
    private const long MaxPixels = 100_000_000;

    private static readonly Lazy<byte[]> Bomb = new(() => Zlib(new byte[256 << 20]));

    [Theory]
    [InlineData(100, 3_000)]
    [InlineData(100, 501)]
    [InlineData(5_000, 64)]
    [InlineData(9_000, 33)]
    public void Decode_JpegOfMoreScansThanAnEncoderWrites_IsDamaged(int side, int scans)
    {
        byte[] jpeg = ScanJpeg.Write(side, side, scans);
        foreach (
            Action decode in new Action[]
            {
                () => ImageDecoder.Decode(jpeg, MaxPixels),
                () => ImageDecoder.DecodeWithAlpha(jpeg, MaxPixels),
                () => ImageDecoder.Header(jpeg, MaxPixels),
            }
        )
            Assert.Contains("scans over", Assert.Throws<DamagedImageException>(decode).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(100, 500)]
    [InlineData(2_000, 32)]
    [InlineData(2_000, 12)]
    public void Decode_JpegOfScansThatTakeLittle_IsRead(int side, int scans) =>
        Assert.Equal(side, ImageDecoder.Decode(ScanJpeg.Write(side, side, scans), MaxPixels).Width);

    [Theory]
    [InlineData("iCCP", new byte[] { (byte)'a', 0, 0 })]
    [InlineData("zTXt", new byte[] { (byte)'a', 0, 0 })]
    [InlineData("iTXt", new byte[] { (byte)'a', 0, 1, 0, 0, 0 })]
    public void Decode_PngWithAChunkThatGrows_IsReadWithoutIt(string chunk, byte[] head)
    {
        (string, byte[])[] chunks = [.. Enumerable.Repeat((chunk, (byte[])[.. head, .. Bomb.Value]), 8)];
        var clock = Stopwatch.StartNew();
        Assert.Equal([1, 2, 3], ImageDecoder.Decode(PngBytes.Write(1, 1, 8, 2, [1, 2, 3], chunks), MaxPixels).Pixels);
        Assert.Equal(1, ImageDecoder.Decode(PngBytes.Write(1, 1, 16, 0, [0, 2], chunks), MaxPixels).Width);
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(30), $"it took {clock.Elapsed}");
    }

    [Fact]
    public void Decode_PngWithMorePixelsThanItsSize_IsReadWithoutThem() =>
        Assert.Equal(1, ImageDecoder.Decode(PngBytes.Write(1, 1, 8, 2, new byte[200 << 20]), MaxPixels).Width);

    [Theory]
    [InlineData(10_000, 10_000, 16, 6, 1, true)] // 15 bytes a pixel
    [InlineData(10_000, 10_000, 8, 6, 1, true)]
    [InlineData(8_000, 8_000, 8, 6, 1, false)]
    [InlineData(10_000, 10_000, 8, 6, 0, false)]
    public void Header_PngThatTakesMoreThanItsPixels_IsDamagedAboveAGibibyte(
        int width,
        int height,
        int depth,
        int colourType,
        byte interlace,
        bool isDamaged
    )
    {
        byte[] png = PngBytes.Write(width, height, depth, colourType, [.. new byte[height]]);
        png[28] = interlace;
        SetCrc(png);
        var outcome = Record.Exception(() => ImageDecoder.Header(png, MaxPixels));
        Assert.Equal(isDamaged, outcome is not null);
        if (isDamaged)
            Assert.Contains("MiB to decode", Assert.IsType<DamagedImageException>(outcome).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Decode_GifOfAMillionFrames_IsItsFirst()
    {
        var gif = new List<byte>([.. "GIF89a"u8, 1, 0, 1, 0, 0, 0, 0]);
        for (int i = 0; i < 1_000_000; i++)
            gif.AddRange([0x2C, 0, 0, 0, 0, 1, 0, 1, 0, 0, 2, 2, 0x44, 1, 0]);
        Assert.Equal(1, ImageDecoder.Decode([.. gif], MaxPixels).Width);
    }

    [Fact]
    public void Decode_WebpOfManyFrames_IsItsFirst()
    {
        byte[] sound = WebpBytes.Animated((1, 2, 3), (4, 5, 6));
        int first = sound.AsSpan().IndexOf("ANMF"u8), length = BinaryPrimitives.ReadInt32LittleEndian(sound.AsSpan(first + 4)) + 8;
        byte[] webp = [.. sound[..first], .. Enumerable.Repeat(sound[first..(first + length)], 100_000).SelectMany(frame => frame)];
        BinaryPrimitives.WriteInt32LittleEndian(webp.AsSpan(4), webp.Length - 8);
        Assert.Equal(ImageDecoder.Decode(sound, MaxPixels).Pixels, ImageDecoder.Decode(webp, MaxPixels).Pixels);
    }

    // A directory that names itself as the next one, and a million of them.
    [Theory]
    [InlineData(1)]
    [InlineData(1_000_000)]
    public void Decode_TiffOfDirectoriesWithoutEnd_IsReadOrDamagedInSeconds(int directories)
    {
        (short Tag, int Value)[] tags = [(256, 1), (257, 1), (258, 8), (259, 1), (262, 1), (273, 8), (277, 1), (278, 1), (279, 1)];
        byte[] directory =
        [
            .. BitConverter.GetBytes((short)tags.Length),
            .. tags.SelectMany(tag => (byte[])[.. BitConverter.GetBytes(tag.Tag), 4, 0, 1, 0, 0, 0, .. BitConverter.GetBytes(tag.Value)]),
        ];
        byte[] tiff = new byte[8 + directories * (directory.Length + 4)];
        ((byte[])[.. "II*\0"u8, 8]).CopyTo(tiff, 0);
        for (int i = 0, at = 8; i < directories; i++, at += directory.Length + 4)
        {
            directory.CopyTo(tiff, at);
            BitConverter.TryWriteBytes(tiff.AsSpan(at + directory.Length), directories == 1 ? 8 : at + directory.Length + 4);
        }
        var clock = Stopwatch.StartNew();
        var outcome = Record.Exception(() => ImageDecoder.Decode(tiff, MaxPixels));
        Assert.True(outcome is null or DamagedImageException, outcome?.ToString());
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(25), $"it took {clock.Elapsed}");
    }

    private static byte[] Zlib(byte[] data)
    {
        using var target = new MemoryStream();
        using (var zlib = new ZLibStream(target, CompressionLevel.Fastest))
            zlib.Write(data);
        return target.ToArray();
    }

    private static void SetCrc(byte[] png)
    {
        uint crc = uint.MaxValue;
        foreach (byte value in png.AsSpan(12, 17))
        {
            crc ^= value;
            for (int bit = 0; bit < 8; bit++)
                crc = (crc & 1) != 0 ? 0xEDB88320 ^ (crc >> 1) : crc >> 1;
        }
        BinaryPrimitives.WriteUInt32BigEndian(png.AsSpan(29), ~crc);
    }
}
