using ClipDistributed.Contracts.Models;
using ClipDistributed.Data.Batches;
using ClipDistributed.Training.Steps;
using static TorchSharp.torch;

namespace ClipDistributed.Training.Tests.Steps;

public sealed class MicroBatchesTests
{
    [Theory]
    [InlineData(3)]
    [InlineData(7)]
    public void Images_AnySize_AreTheRowsOfThePieceNormalised(int size)
    {
        using var scope = NewDisposeScope();
        const int rows = 7, side = 4, bytes = 3 * side * side;
        byte[] images = [.. Enumerable.Range(0, rows * bytes).Select(i => (byte)(i * 37))];
        var share = new MicroBatches(new Batch(1, Samples(rows), images, side, new int[rows], 1), size, new PreprocessConfig(), CPU);

        var preprocess = new PreprocessConfig();
        var whole = tensor(images, [rows, 3, side, side], ScalarType.Byte).to(ScalarType.Float64) / 255;
        var expected = (whole - tensor(preprocess.Mean).view(1, 3, 1, 1)) / tensor(preprocess.Std).view(1, 3, 1, 1);
        Golden.AssertClose(expected, cat([.. Enumerable.Range(0, share.Count).Select(share.Images)]), 1e-6, 0, "pixels");
    }

    [Fact]
    public void Images_ShareLargerThanAnArray_GivesItsLastPiece()
    {
        using var scope = NewDisposeScope();
        const int rows = 3000, side = 512; // 2.4e9 bytes, were the rows not one and the same
        byte[] image = new byte[3 * side * side];
        image[0] = 255;
        var share = new MicroBatches(
            new Batch(1, Samples(rows), Enumerable.Repeat(image, rows).ToArray(), side, new int[rows], 1),
            2,
            new PreprocessConfig(),
            CPU
        );
        var last = share.Images(share.Count - 1);
        Assert.Equal([2, 3, side, side], last.shape);
        Assert.True(last[1, 0, 0, 0].item<float>() > last[1, 0, 0, 1].item<float>());
    }

    private static BatchSample[] Samples(int rows) =>
        [.. Enumerable.Range(0, rows).Select(slot => new BatchSample(slot, default, default, 0))];
}
