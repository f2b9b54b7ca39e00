using ClipDistributed.Contracts.Models;
using ClipDistributed.Data.Images;

namespace ClipDistributed.Data.Tests.Images;

public sealed class EvaluationTransformTests
{
    public static TheoryData<string> Files => new(PreprocessFixture.Files);

    public static TheoryData<string> OtherResults => new(
        new[] { "/direct224_u8", "/squash64_u8", "/longest64_u8", "/bilinear64_u8" }.SelectMany(PreprocessFixture.Shared.NamesEndingIn));

    [Theory]
    [InlineData("shortest", "bicubic", ResizeMode.Shortest, ResampleFilter.Bicubic)]
    [InlineData("squash", "bicubic", ResizeMode.Squash, ResampleFilter.Bicubic)]
    [InlineData("longest", "bilinear", ResizeMode.Longest, ResampleFilter.Bilinear)]
    [InlineData("squash", "random", ResizeMode.Squash, ResampleFilter.Bicubic)] // random in training alone
    public void Of_ConfigOfAModel_IsWhatOpenClipDoes(string resize, string interpolation, ResizeMode mode, ResampleFilter filter)
    {
        var config = new ModelFolderConfig
        {
            ModelCfg = ModelPresets.Find("tiny")!.Model,
            PreprocessCfg = new PreprocessConfig { ResizeMode = resize, Interpolation = interpolation },
        };
        Assert.Equal(new EvaluationTransform(32, mode, filter), EvaluationTransform.Of(config));
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void Apply_PixelsOfPillow_GivesPillowsBytes(string file)
    {
        var planes = new byte[3 * 64 * 64];
        new EvaluationTransform(64).Apply(PreprocessFixture.Shared.Decoded(file), planes);
        Assert.Equal(PreprocessFixture.Shared.ConvertedFirst64(file), planes);
    }

    // Skia's codecs are libjpeg-turbo, libpng and so on: the tolerance for another JPEG decoder is not needed.
    [Theory]
    [MemberData(nameof(Files))]
    public void Apply_FromTheFile_GivesPillowsBytes(string file)
    {
        var planes = new byte[3 * 64 * 64];
        new EvaluationTransform(64).Apply(PreprocessFixture.Decode(file), planes);
        Assert.Equal(PreprocessFixture.Shared.ConvertedFirst64(file), planes);
    }

    [Theory]
    [MemberData(nameof(OtherResults))]
    public void Apply_OtherSizesModesAndFilters_GivesPillowsBytes(string name)
    {
        var (file, kind) = (name.Split('/')[0], name.Split('/')[1]);
        var transform = kind switch
        {
            "direct224_u8" => new EvaluationTransform(224),
            "squash64_u8" => new EvaluationTransform(64, ResizeMode.Squash),
            "longest64_u8" => new EvaluationTransform(64, ResizeMode.Longest),
            _ => new EvaluationTransform(64, Filter: ResampleFilter.Bilinear),
        };
        var planes = new byte[3 * transform.Size * transform.Size];
        transform.Apply(PreprocessFixture.Decode(file), planes);
        Assert.Equal(PreprocessFixture.Shared.Tensor(name), planes);
    }

    // The sums are of OpenCLIP's direct path, which treats palettes, alpha and CMYK otherwise: a mean of two levels for these.
    [Theory]
    [MemberData(nameof(Files))]
    public void Apply_At224_HasTheStoredSums(string file)
    {
        var planes = new byte[3 * 224 * 224];
        new EvaluationTransform(224).Apply(PreprocessFixture.Decode(file), planes);
        bool sameOrder = !PreprocessFixture.Shared.Has(file + "/pilrgb64_u8");
        for (int plane = 0; plane < 3; plane++)
        {
            long sum = planes.AsSpan(plane * 224 * 224, 224 * 224).ToArray().Sum(value => (long)value);
            Assert.InRange(Math.Abs(sum - PreprocessFixture.Sums224(file)[plane]), 0, sameOrder ? 0 : 2 * 224 * 224);
        }
    }

    [Fact]
    public void Apply_LongestWithAWideImage_PadsTopAndBottomWithBlack()
    {
        var white = new RgbImage(8, 4, Enumerable.Repeat((byte)255, 96).ToArray());
        var planes = Enumerable.Repeat((byte)7, 3 * 64).ToArray();
        new EvaluationTransform(8, ResizeMode.Longest).Apply(white, planes);
        for (int i = 0; i < planes.Length; i++)
            Assert.Equal(i / 8 % 8 is >= 2 and < 6 ? 255 : 0, planes[i]);
    }

    [Theory]
    [InlineData(1, 40000)]
    [InlineData(40000, 1)]
    public void Apply_VeryLongImage_ComputesItsCentreOnly(int width, int height)
    {
        var image = new RgbImage(width, height, new byte[3 * width * height]);
        image.Pixels.AsSpan().Fill(99);
        var planes = new byte[3 * 32 * 32];
        new EvaluationTransform(32).Apply(image, planes);
        Assert.All(planes, value => Assert.Equal(99, value));
        new EvaluationTransform(32, ResizeMode.Longest).Apply(image, planes);
        Assert.Equal(3 * 32, planes.Count(value => value == 99));
    }
}
