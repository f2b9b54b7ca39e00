using ClipDistributed.Data.Images;
using ClipDistributed.TestKit.Images;

namespace ClipDistributed.Data.Tests.Images;

public sealed class DirectTransformTests
{
    private const long MaxPixels = 1 << 24;

    public static TheoryData<string> Files => new(PreprocessFixture.Files);

    public static TheoryData<string> At224 => new(PreprocessFixture.Shared.NamesEndingIn("/direct224_u8"));

    // Skia, libvips and Pillow share libjpeg-turbo and libpng: not even the tolerance of one level is needed.
    [Theory]
    [MemberData(nameof(Files))]
    public void Apply_At64_GivesOpenClipsBytes(string file) =>
        Assert.Equal(PreprocessFixture.Shared.Tensor(file + "/direct64_u8"), See(file, 64));

    [Theory]
    [MemberData(nameof(At224))]
    public void Apply_At224_GivesOpenClipsBytes(string name) =>
        Assert.Equal(PreprocessFixture.Shared.Tensor(name), See(name.Split('/')[0], 224));

    [Theory]
    [MemberData(nameof(Files))]
    public void Apply_At224_HasTheStoredSums(string file)
    {
        var planes = See(file, 224);
        for (int plane = 0; plane < 3; plane++)
            Assert.Equal(
                PreprocessFixture.Sums224(file)[plane],
                planes.AsSpan(plane * 224 * 224, 224 * 224).ToArray().Sum(value => (long)value)
            );
    }

    [Fact]
    public void Apply_BlackAndWhiteInOneBit_IsNotBlended()
    {
        var planes = Apply(PngBytes.Write(8, 8, 1, 0, [0xF0, 0xF0, 0xF0, 0xF0, 0xF0, 0xF0, 0xF0, 0xF0]), 5);
        Assert.All(planes, value => Assert.True(value is 0 or 255));
        Assert.Contains((byte)255, planes);
        Assert.Contains((byte)0, planes);
    }

    // Under full transparency colours count for nothing while the image is resized.
    [Fact]
    public void Apply_Transparent_KeepsHiddenColoursOut()
    {
        byte[] row = [200, 100, 50, 255, 0, 255, 0, 0, 200, 100, 50, 255, 0, 255, 0, 0];
        var planes = Apply(PngBytes.Write(4, 4, 8, 6, [.. row, .. row, .. row, .. row]), 2);
        Assert.All(planes[..4], red => Assert.InRange(red, 195, 205));
        Assert.All(planes[4..8], green => Assert.InRange(green, 95, 105));
    }

    [Fact]
    public void Apply_GreyWithAlpha_IsPremultiplied()
    {
        byte[] row = [180, 255, 20, 0, 180, 255, 20, 0];
        var planes = Apply(PngBytes.Write(4, 4, 8, 4, [.. row, .. row, .. row, .. row]), 2);
        Assert.All(planes, grey => Assert.InRange(grey, 176, 184));
    }

    [Fact]
    public void Apply_TooManyPixels_IsDamage() =>
        Assert.Throws<DamagedImageException>(() =>
            new DirectTransform(8).Apply(PreprocessFixture.Bytes("cmyk.jpg"), 100, new byte[3 * 64])
        );

    [Fact]
    public void Apply_CmykCutShort_IsDamage()
    {
        var whole = PreprocessFixture.Bytes("cmyk.jpg");
        Assert.Throws<DamagedImageException>(() =>
            new DirectTransform(8).Apply(whole.AsSpan(0, whole.Length / 2), MaxPixels, new byte[3 * 64])
        );
    }

    private static byte[] See(string file, int size) => Apply(PreprocessFixture.Bytes(file), size);

    private static byte[] Apply(byte[] file, int size)
    {
        var planes = new byte[3 * size * size];
        new DirectTransform(size).Apply(file, MaxPixels, planes);
        return planes;
    }
}
