using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Spec.V1;
using ClipDistributed.Data.Images;
using ClipDistributed.Data.Manifests;
using ClipDistributed.Data.Packing;
using ClipDistributed.Data.Blocks;
using ClipDistributed.Data.Shards;
using ClipDistributed.Data.Tests.Images;
using ClipDistributed.TestKit.Images;

namespace ClipDistributed.Data.Tests.Packing;

public sealed class PackedPicturesTests : FolderPackingBase
{
    [Theory]
    [InlineData(null, new byte[] { 10, 20, 30, 40, 50, 60 })] // as training sees it: alpha dropped
    [InlineData("white", new byte[] { 255, 255, 255, 147, 152, 157 })]
    [InlineData("#0a0000", new byte[] { 10, 0, 0, 25, 25, 30 })]
    public async Task RunAsync_Background_IsLaidBelowTransparentPixels(string? background, byte[] expected)
    {
        Put("clear.png", PngBytes.Write(2, 1, 8, 6, [10, 20, 30, 0, 40, 50, 60, 128]), null);
        Put("opaque.jpg", PreprocessFixture.Bytes("rgb_420.jpg"), null);
        Put("filled.png", PngBytes.Write(2, 1, 8, 6, [10, 20, 30, 255, 40, 50, 60, 255]), null); // has alpha, hides nothing
        var summary = await PackAsync(Options() with { Background = background });
        Assert.Equal(1, summary.Transparent);
        var rows = await RowsAsync("out");
        Assert.Equal(expected, ImageDecoder.Decode(rows.Images[0]!, 100).Pixels);
        Assert.Equal(PreprocessFixture.Bytes("rgb_420.jpg"), rows.Images[2]);
    }

    [Theory]
    [InlineData("grey")]
    [InlineData("#12345")]
    [InlineData("#+12345")]
    public async Task RunAsync_BackgroundThatIsNoColour_SaysWhatIs(string background)
    {
        Put("any.png", PreprocessFixture.Bytes("gray.png"), null);
        var refused = await Assert.ThrowsAsync<BadInputException>(() => PackAsync(Options() with { Background = background }));
        Assert.Equal($"--background is '{background}'; use white, black or #rrggbb.", refused.Message);
    }

    [Fact]
    public async Task RunAsync_ExifOrientation_IsAppliedOnce()
    {
        Put("turned.jpg", PreprocessFixture.Bytes("exif_rot90.jpg"), null);
        await PackAsync(Options() with { Quality = 100 });
        var stored = PreprocessFixture.Decode("exif_rot90.jpg");
        byte[] packed = (await RowsAsync("out")).Images[0]!;
        var upright = ImageDecoder.Decode(packed, 1 << 24);
        Assert.Equal((stored.Height, stored.Width), (upright.Width, upright.Height));
        long difference = 0;
        for (int y = 0; y < upright.Height; y++)
        {
            for (int x = 0; x < upright.Width; x++)
                difference += Math.Abs(
                    upright.Pixels[(y * upright.Width + x) * 3 + 1] - stored.Pixels[((stored.Height - 1 - x) * stored.Width + y) * 3 + 1]
                );
        }
        Assert.InRange((double)difference / (upright.Width * upright.Height), 0, 4);
        // Nothing is left that a second reader would turn by.
        Assert.True(packed.AsSpan().IndexOf("Exif\0"u8) < 0);
    }

    [Fact]
    public async Task RunAsync_Resize_MakesTheShortestSideSmallerNeverLarger()
    {
        Put("large.png", PngBytes.Write(100, 60, 8, 2, new byte[18000]), null);
        Put("small.png", PngBytes.Write(20, 90, 8, 2, new byte[5400]), null);
        await PackAsync(Options() with { Resize = 30 });
        var images = (await RowsAsync("out")).Images.Select(image => ImageDecoder.Decode(image, 1 << 24));
        Assert.Equal([(50, 30), (20, 90)], images.Select(image => (image.Width, image.Height)));
    }

    [Fact]
    public async Task RunAsync_MaxPixels_LeavesOutLargerImages()
    {
        Put("five.png", PngBytes.Write(5, 1, 8, 2, new byte[15]), null);
        Put("six.png", PngBytes.Write(6, 1, 8, 2, new byte[18]), null);
        var summary = await PackAsync(Options() with { MaxPixels = 5 });
        Assert.Equal((1L, "has 6x1 pixels, the limit is 5 in all"), (summary.Rows, summary.LeftOut.Keys.Single()));
    }

    [Fact]
    public async Task RunAsync_Bitmap_BecomesPng()
    {
        Put(
            "red.bmp",
            [
                .. "BM"u8,
                58,
                0,
                0,
                0,
                0,
                0,
                0,
                0,
                54,
                0,
                0,
                0,
                40,
                0,
                0,
                0,
                1,
                0,
                0,
                0,
                1,
                0,
                0,
                0,
                1,
                0,
                24,
                0,
                .. new byte[24],
                30,
                20,
                200,
                0,
            ],
            null
        );
        await PackAsync(Options());
        Assert.Equal([200, 20, 30], ImageDecoder.Decode((await RowsAsync("out")).Images[0], 100).Pixels);
    }
}
