using ClipDistributed.Data.Images;
using ClipDistributed.Data.Streams;
using CsCheck;

namespace ClipDistributed.Data.Tests.Images;

public sealed class TrainingTransformTests
{
    private static readonly RgbImage Photo = PreprocessFixture.Decode("rgb_420.jpg");

    [Fact]
    public void Draw_AnyImage_StaysInsideIt() =>
        Gen.Select(Gen.Int[1, 700], Gen.Int[1, 700], Gen.Double[0.001, 1], Gen.Double[0, 1], Gen.ULong)
            .Sample(
                (width, height, low, part, seed) =>
                {
                    var random = Draws(seed, 0, 0);
                    var box = RandomCrop.Draw(width, height, low, low + (1 - low) * part, ref random);
                    return box.Width >= 1
                        && box.Height >= 1
                        && box.Left >= 0
                        && box.Top >= 0
                        && box.Left + box.Width <= width
                        && box.Top + box.Height <= height;
                }
            );

    [Fact]
    public void Draw_ManySamples_CoversAreasShapesAndPlaces()
    {
        var boxes = Enumerable.Range(0, 4000).Select(row =>
        {
            var random = Draws(5, 0, (ulong)row);
            return RandomCrop.Draw(400, 300, 0.2, 0.6, ref random);
        }).ToArray();
        var areas = boxes.Select(box => box.Width * box.Height / 120000.0).ToArray();
        Assert.InRange(areas.Min(), 0.195, 0.21);
        Assert.InRange(areas.Max(), 0.59, 0.605);
        Assert.InRange(areas.Average(), 0.39, 0.41);
        var ratios = boxes.Select(box => (double)box.Width / box.Height).ToArray();
        Assert.InRange(ratios.Min(), 0.74, 0.76);
        Assert.InRange(ratios.Max(), 1.32, 1.35);
        // Free places are used evenly: the middle of what is left over, on average.
        Assert.InRange(boxes.Where(box => box.Width < 400).Average(box => box.Left / (double)(400 - box.Width)), 0.48, 0.52);
        Assert.InRange(boxes.Where(box => box.Height < 300).Average(box => box.Top / (double)(300 - box.Height)), 0.48, 0.52);
    }

    [Fact]
    public void Draw_KnownWords_FollowsTheDocumentedOrder()
    {
        var words = Draws(1, 2, 3);
        double area = 100 * 80 * (0.3 + 0.2 * words.NextDouble());
        double ratio = Math.Exp(Math.Log(4.0 / 3) * (2 * words.NextDouble() - 1));
        int width = (int)Math.Round(Math.Sqrt(area * ratio)), height = (int)Math.Round(Math.Sqrt(area / ratio));
        int top = (int)(words.NextDouble() * (80 - height + 1)), left = (int)(words.NextDouble() * (100 - width + 1));
        var random = Draws(1, 2, 3);
        Assert.Equal(new PixelBox(left, top, width, height), RandomCrop.Draw(100, 80, 0.3, 0.5, ref random));
        Assert.Equal(words.NextWord(), random.NextWord());
    }

    // Nothing of shape 3/4 to 4/3 covers the whole of these.
    [Theory]
    [InlineData(300, 100, 83, 0, 133, 100)]
    [InlineData(100, 300, 0, 83, 100, 133)]
    [InlineData(1, 1000, 0, 499, 1, 1)]
    public void Draw_NothingFits_TakesTheCentre(int width, int height, int left, int top, int cropWidth, int cropHeight)
    {
        var random = Draws(9, 0, 0);
        Assert.Equal(new PixelBox(left, top, cropWidth, cropHeight), RandomCrop.Draw(width, height, 1, 1, ref random));
        var after = Draws(9, 0, 0);
        for (int i = 0; i < 20; i++)
            after.NextWord();
        Assert.Equal(after.NextWord(), random.NextWord());
    }

    [Fact]
    public void Draw_WholeAreaOfASquare_IsTheSquare()
    {
        for (int side = 1; side < 300; side++)
        {
            var random = Draws(3, 0, (ulong)side);
            Assert.Equal(new PixelBox(0, 0, side, side), RandomCrop.Draw(side, side, 1, 1, ref random));
        }
    }

    [Fact]
    public void Apply_SameSeedEpochAndSample_GivesTheSameBytes()
    {
        byte[] Crop(ulong seed, uint epoch, ulong row)
        {
            var planes = new byte[3 * 32 * 32];
            var random = Draws(seed, epoch, row);
            new TrainingTransform(32, 0.2, 0.8, Flip: true).Apply(Photo, ref random, planes);
            return planes;
        }
        var first = Crop(7, 1, 40);
        Assert.Equal(first, Crop(7, 1, 40));
        Assert.NotEqual(first, Crop(8, 1, 40));
        Assert.NotEqual(first, Crop(7, 2, 40));
        Assert.NotEqual(first, Crop(7, 1, 41));
    }

    [Fact]
    public void Apply_WholeAreaOfASquare_EqualsThePlainResize()
    {
        var square = new RgbImage(50, 50, Photo.Pixels[..(50 * 50 * 3)]);
        var (cropped, plain) = (new byte[3 * 32 * 32], new byte[3 * 32 * 32]);
        var random = Draws(1, 0, 0);
        new TrainingTransform(32, 1, 1).Apply(square, ref random, cropped);
        new EvaluationTransform(32).Apply(square, plain);
        Assert.Equal(plain, cropped);
    }

    [Fact]
    public void Apply_WithFlip_MirrorsHalfOfTheSamples()
    {
        int mirrored = 0;
        for (ulong row = 0; row < 400; row++)
        {
            var (plain, flipped) = (new byte[3 * 16 * 16], new byte[3 * 16 * 16]);
            var random = Draws(2, 0, row);
            new TrainingTransform(16, 0.5, 1).Apply(Photo, ref random, plain);
            random = Draws(2, 0, row);
            new TrainingTransform(16, 0.5, 1, Flip: true).Apply(Photo, ref random, flipped);
            if (plain.AsSpan().SequenceEqual(flipped))
                continue;
            mirrored++;
            for (int start = 0; start < flipped.Length; start += 16)
                flipped.AsSpan(start, 16).Reverse();
            Assert.Equal(plain, flipped);
        }
        Assert.InRange(mirrored, 160, 240);
    }

    private static PhiloxSequence Draws(ulong seed, uint epoch, ulong row) => PhiloxSequence.ForSample(seed, epoch, new SampleId(0, row));
}
