using ClipDistributed.Data.Images;
using CsCheck;

namespace ClipDistributed.Data.Tests.Images;

public sealed class ImageResizerTests
{
    private static readonly Gen<ResampleFilter> Filters = Gen.Bool.Select(bicubic =>
        bicubic ? ResampleFilter.Bicubic : ResampleFilter.Bilinear
    );

    private static readonly Gen<RgbImage> Images =
        from width in Gen.Int[1, 90]
        from height in Gen.Int[1, 90]
        from pixels in Gen.Byte.Array[width * height * 3]
        select new RgbImage(width, height, pixels);

    [Fact]
    public void Resize_ConstantImage_StaysConstant()
    {
        var cases = Gen.Select(Gen.Int[1, 200], Gen.Int[1, 200], Gen.Int[1, 80], Gen.Int[1, 80], Gen.Byte, Filters);
        cases.Sample((width, height, newWidth, newHeight, level, filter) =>
        {
            var image = new RgbImage(width, height, new byte[width * height * 3]);
            image.Pixels.AsSpan().Fill(level);
            var planes = new byte[3 * newWidth * newHeight];
            ImageResizer.Resize(image, newWidth, newHeight, filter, planes);
            return planes.All(value => value == level);
        }, iter: 300);
    }

    [Fact]
    public void Run_WithAndWithoutVectors_GivesEqualBytes()
    {
        var cases = Gen.Select(Images, Gen.Int[1, 70], Gen.Int[1, 70], Gen.Double[0, 1], Gen.Double[0, 1], Filters);
        cases.Sample((image, width, height, left, top, filter) =>
        {
            var crop = new PixelBox((int)(left * (image.Width - 1)), (int)(top * (image.Height - 1)), 0, 0);
            crop = crop with { Width = image.Width - crop.Left, Height = image.Height - crop.Top };
            var x = new AxisKey(crop.Width, (float)(left * crop.Width * 0.5), crop.Width, width, width / 3, width - width / 3, filter);
            var y = new AxisKey(crop.Height, 0, (float)(crop.Height * (1 - top * 0.5)), height, 0, height, filter);
            var (vectors, scalars) = (new byte[3 * width * height], new byte[3 * width * height]);
            ImageResizer.Run(image, crop, x, y, new PlanarTarget(vectors, width, height, left: 0), vectorized: true);
            ImageResizer.Run(image, crop, x, y, new PlanarTarget(scalars, width, height, left: 0), vectorized: false);
            return vectors.AsSpan().SequenceEqual(scalars);
        }, iter: 500);
    }

    [Fact]
    public void Resize_SameSize_ChangesNothing() =>
        Images.Sample(image =>
        {
            var planes = new byte[image.Pixels.Length];
            ImageResizer.Resize(image, image.Width, image.Height, ResampleFilter.Bicubic, planes);
            return planes.AsSpan().SequenceEqual(Planes(image));
        }, iter: 200);

    [Fact]
    public void ResizeCrop_AnyCrop_EqualsResizingTheCutImage()
    {
        Gen.Select(Images, Gen.Double[0, 1], Gen.Double[0, 1])
            .Sample(
                (image, a, b) =>
                {
                    var crop = new PixelBox(
                        (int)(a * image.Width * 0.5),
                        (int)(b * image.Height * 0.5),
                        1 + image.Width / 3,
                        1 + image.Height / 3
                    );
                    crop = crop with
                    {
                        Width = Math.Min(crop.Width, image.Width - crop.Left),
                        Height = Math.Min(crop.Height, image.Height - crop.Top),
                    };
                    var cut = new byte[crop.Width * crop.Height * 3];
                    for (int row = 0; row < crop.Height; row++)
                    {
                        int from = ((crop.Top + row) * image.Width + crop.Left) * 3;
                        image.Pixels.AsSpan(from, crop.Width * 3).CopyTo(cut.AsSpan(row * crop.Width * 3));
                    }
                    var (direct, viaCut) = (new byte[3 * 20 * 17], new byte[3 * 20 * 17]);
                    ImageResizer.ResizeCrop(image, crop, 20, 17, ResampleFilter.Bicubic, direct);
                    ImageResizer.Resize(new RgbImage(crop.Width, crop.Height, cut), 20, 17, ResampleFilter.Bicubic, viaCut);
                    return direct.AsSpan().SequenceEqual(viaCut);
                },
                iter: 200
            );
    }

    [Fact]
    public void Resize_BoxOfAHalfPixel_ReadsAroundTheBox()
    {
        // A step from 0 to 200: the box [1.5, 2.5) begins inside the dark pixel and ends inside the bright one.
        var image = new RgbImage(4, 1, [0, 0, 0, 0, 0, 0, 200, 200, 200, 200, 200, 200]);
        var planes = new byte[3];
        ImageResizer.Resize(image, new SourceBox(1.5f, 0, 2.5f, 1), 1, 1, ResampleFilter.Bilinear, planes);
        Assert.Equal([100, 100, 100], planes);
    }

    [Fact]
    public void Resize_BoxOutsideTheImage_Throws()
    {
        var image = new RgbImage(4, 1, new byte[12]);
        Assert.Throws<ArgumentOutOfRangeException>(() =>
            ImageResizer.Resize(image, new SourceBox(1, 0, 4.5f, 1), 1, 1, ResampleFilter.Bicubic, new byte[3])
        );
    }

    [Fact]
    public void ResizeCrop_CropOutsideTheImage_Throws()
    {
        var image = new RgbImage(4, 4, new byte[48]);
        Assert.Throws<ArgumentException>(() =>
            ImageResizer.ResizeCrop(image, new PixelBox(0, 1, 4, 4), 2, 2, ResampleFilter.Bicubic, new byte[12])
        );
        Assert.Throws<ArgumentException>(() => ImageResizer.Resize(image with { Height = 5 }, 2, 2, ResampleFilter.Bicubic, new byte[12]));
    }

    [Fact]
    public void Resize_ManyThreadsAndSizes_AgreesWithOneThread()
    {
        var image = PreprocessFixture.Decode("rgb_420.jpg");
        byte[] Resized(int size)
        {
            var planes = new byte[3 * size * size];
            ImageResizer.Resize(image, size, size, ResampleFilter.Bicubic, planes);
            return planes;
        }
        var expected = Enumerable.Range(1, 60).Select(Resized).ToArray();
        Parallel.For(0, 240, i => Assert.Equal(expected[i % 60], Resized(i % 60 + 1)));
    }

    private static byte[] Planes(RgbImage image)
    {
        var planes = new byte[image.Pixels.Length];
        int size = image.Width * image.Height;
        for (int i = 0; i < planes.Length; i++)
            planes[i] = image.Pixels[i % size * 3 + i / size];
        return planes;
    }
}
