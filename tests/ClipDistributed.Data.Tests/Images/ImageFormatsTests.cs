using System.Buffers.Binary;
using ClipDistributed.Data.Images;
using CsCheck;

namespace ClipDistributed.Data.Tests.Images;

/// <summary>Every format that is read gives Pillow's pixels; what cannot be read is named; damaged bytes are damage and nothing
/// else.</summary>
public sealed class ImageFormatsTests
{
    private const int MaxPixels = 1 << 20;

    public static TheoryData<string> Images => [.. PillowFixture.Expected.Keys];

    [Theory]
    [MemberData(nameof(Images))]
    public void Decode_EveryFormat_GivesPillowsPixels(string name)
    {
        var expected = PillowFixture.Expected[name];
        var image = ImageDecoder.Decode(PillowFixture.Bytes(name), MaxPixels);
        Assert.Equal((expected.Width, expected.Height), (image.Width, image.Height));
        Assert.Equal(expected.Pixels, image.Pixels);
    }

    [Theory]
    [MemberData(nameof(Images))]
    public void DecodeWithAlpha_EveryFormat_HasTheSameColoursAndSize(string name)
    {
        var expected = PillowFixture.Expected[name];
        var image = ImageDecoder.DecodeWithAlpha(PillowFixture.Bytes(name), MaxPixels);
        var header = ImageDecoder.Header(PillowFixture.Bytes(name), MaxPixels);
        Assert.Equal((expected.Width, expected.Height), (image.Width, image.Height));
        Assert.Equal((expected.Width, expected.Height, image.HasAlpha), (header.Width, header.Height, header.HasAlpha));
        Assert.Equal(expected.Pixels, image.Pixels.Where((_, i) => i % 4 != 3));
        Assert.True(image.HasAlpha || image.Pixels.Where((_, i) => i % 4 == 3).All(alpha => alpha == 255));
    }

    [Theory]
    [InlineData("rgb.tif", 116)]
    [InlineData("rgb.jp2", 116)]
    [InlineData("plain.gif", 116)]
    [InlineData("rgb.bmp", 116)]
    public void Decode_MorePixelsThanAllowed_IsDamageThatNamesBoth(string name, int limit) =>
        Assert.Equal(
            $"has 13x9 pixels, the limit is {limit} in all",
            Assert.Throws<DamagedImageException>(() => ImageDecoder.Decode(PillowFixture.Bytes(name), limit)).Reason
        );

    [Fact]
    public void Decode_WhatCannotBeRead_IsNamed()
    {
        Assert.Contains("is a HEIC", Reason(Brands("heic", "mif1", "heic")), StringComparison.Ordinal);
        Assert.Contains("is a HEIC", Reason(Brands("mif1", "heic")), StringComparison.Ordinal);
        Assert.Contains("is a JPEG XL", Reason([0xFF, 0x0A, 1, 2, 3]), StringComparison.Ordinal);
        Assert.Contains("is a Photoshop file", Reason([.. "8BPS\0\u0001"u8]), StringComparison.Ordinal);
        Assert.Contains(
            "is in no format that can be read (JPEG, PNG, ",
            Reason([.. "BM is a company, and this is a text about it."u8]),
            StringComparison.Ordinal
        );
        Assert.Equal("has no bytes", Reason([]));
    }

    [Theory]
    [InlineData("plain.gif")]
    [InlineData("interlaced.gif")]
    [InlineData("rgb.bmp")]
    [InlineData("rgb.tif")]
    [InlineData("lzw.tif")]
    [InlineData("rgb.jp2")]
    public void Decode_AnyPrefixOfAnImage_IsDamageOrPixels(string name)
    {
        byte[] whole = PillowFixture.Bytes(name);
        for (int length = 0; length < whole.Length; length += 1 + whole.Length / 60)
            DecodeOrRefuse(whole[..length]);
    }

    // Written by Pillow: [[(200, 10), (50, 255)]] in LA, [[300, 7]] in 16 bits.
    [Theory]
    [InlineData(
        "AAAADGpQICANCocKAAAAFGZ0eXBqcDIgAAAAAGpwMiAAAAAtanAyaAAAABZpaGRyAAAAAQAAAAIAAgcHAAAAAAAPY29scgEAAAAAABEAAACPanAyY/9P/1EALAAAAAAAAgAA"
            + "AAEAAAAAAAAAAAAAAAIAAAABAAAAAAAAAAAAAgcBAQcBAf9SAAwAAAABAAAEBAAB/1wABEBA/2QAJQABQ3JlYXRlZCBieSBPcGVuSlBFRyB2ZXJzaW9uIDIuNS4w/5AACgAA"
            + "AAAAGgAB/5PPtAwBCx/PtAwJid//2Q==",
        "grey with alpha"
    )]
    [InlineData(
        "AAAADGpQICANCocKAAAAFGZ0eXBqcDIgAAAAAGpwMiAAAAAtanAyaAAAABZpaGRyAAAAAQAAAAIAAQ8HAAAAAAAPY29scgEAAAAAABEAAACIanAyY/9P/1EAKQAAAAAAAgAA"
            + "AAEAAAAAAAAAAAAAAAIAAAABAAAAAAAAAAAAAQ8BAf9SAAwAAAABAAAEBAAB/1wABECA/2QAJQABQ3JlYXRlZCBieSBPcGVuSlBFRyB2ZXJzaW9uIDIuNS4w/5AACgAAAAAA"
            + "FgAB/5PP/DAQCGElm//Z",
        "16-bit grey"
    )]
    public void Decode_Jpeg2000WhoseValuesWouldBeOthers_IsRefusedByName(string base64, string kind) =>
        Assert.Equal($"is a JPEG 2000 of {kind}, which cannot be read; convert it to PNG", Reason(Convert.FromBase64String(base64)));

    // [[(200, 100, 50, 0), (1, 2, 3, 128)]], a bare code stream.
    [Fact]
    public void DecodeWithAlpha_Jpeg2000_HasTheAlphaOfItsFourthComponent()
    {
        var image = ImageDecoder.DecodeWithAlpha(
            Convert.FromBase64String(
                "/0//UQAyAAAAAAACAAAAAQAAAAAAAAAAAAAAAgAAAAEAAAAAAAAAAAAEBwEBBwEBBwEBBwEB/1IADAAAAAEAAAQEAAH/XAAEQED/ZAAlAAFDcmVhdGVkIGJ5IE9wZW5KUEVHIHZl"
                    + "cnNpb24gMi41LjD/kAAKAAAAAAAmAAH/k8+0DADC28+0DAv2Bc+0EAjT/3/fgBAHn//Z"
            ),
            MaxPixels
        );
        Assert.True(image.HasAlpha);
        Assert.Equal([200, 100, 50, 0, 1, 2, 3, 128], image.Pixels);
    }

    [Theory]
    [InlineData("plain.gif", 400)]
    [InlineData("small-frame-transparent.gif", 400)]
    [InlineData("runs.bmp", 200)]
    [InlineData("lzw.tif", 60)]
    [InlineData("tiled.jp2", 60)]
    public void Decode_MutatedBytes_IsDamageOrPixels(string name, int times)
    {
        byte[] whole = PillowFixture.Bytes(name);
        Gen.Select(Gen.Int[0, whole.Length - 1], Gen.Byte, Gen.Int[0, whole.Length - 1], Gen.Byte).Sample((at, value, other, second) =>
        {
            byte[] mutated = [.. whole];
            (mutated[at], mutated[other]) = (value, second);
            DecodeOrRefuse(mutated);
        }, iter: times, threads: 1);
    }

    [Fact]
    public void Decode_TiffThatClaimsMorePixelsThanMemory_IsDamage()
    {
        byte[] tiff = PillowFixture.Bytes("rgb.tif");
        int directory = BinaryPrimitives.ReadInt32LittleEndian(tiff.AsSpan(4));
        for (int i = 0; i < BinaryPrimitives.ReadInt16LittleEndian(tiff.AsSpan(directory)); i++)
        {
            var entry = tiff.AsSpan(directory + 2 + 12 * i, 12);
            if (BinaryPrimitives.ReadInt16LittleEndian(entry) is 256 or 257) // width, height
                BinaryPrimitives.WriteInt32LittleEndian(entry[8..], 16_000);
        }
        Assert.Throws<DamagedImageException>(() => ImageDecoder.Decode(tiff, ImageDecoder.MaxPixels));
    }

    [Fact]
    public async Task Decode_ManyThreads_ShareDecodersAndAgree()
    {
        string[] names = ["rgb.tif", "rgba.jp2", "cmyk.tif", "grey.jp2"];
        var work = Enumerable
            .Range(0, 40)
            .Select(i =>
                Task.Run(() =>
                    Assert.Equal(
                        PillowFixture.Expected[names[i % 4]].Pixels,
                        ImageDecoder.Decode(PillowFixture.Bytes(names[i % 4]), MaxPixels).Pixels
                    )
                )
            );
        await Task.WhenAll(work);
    }

    private static void DecodeOrRefuse(byte[] bytes)
    {
        try
        {
            var image = ImageDecoder.Decode(bytes, MaxPixels);
            Assert.InRange((long)image.Width * image.Height, 1, MaxPixels);
        }
        catch (DamagedImageException damage)
        {
            Assert.NotEmpty(damage.Reason);
        }
    }

    private static string Reason(byte[] encoded) =>
        Assert.Throws<DamagedImageException>(() => ImageDecoder.Decode(encoded, MaxPixels)).Reason;

    /// <summary>The first box of such a file, and some bytes after it.</summary>
    private static byte[] Brands(string major, params string[] compatible)
    {
        byte[] box = new byte[16 + 4 * compatible.Length + 20];
        BinaryPrimitives.WriteInt32BigEndian(box, 16 + 4 * compatible.Length);
        "ftyp"u8.CopyTo(box.AsSpan(4));
        for (int i = -2; i < compatible.Length; i++)
        {
            string brand = i == -2 ? major : i == -1 ? "\0\0\0\0" : compatible[i];
            System.Text.Encoding.ASCII.GetBytes(brand).CopyTo(box, 8 + 4 * (i + 2));
        }
        return box;
    }
}
