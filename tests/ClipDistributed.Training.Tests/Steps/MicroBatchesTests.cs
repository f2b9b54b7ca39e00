using ClipDistributed.Contracts.Models;
using ClipDistributed.Data.Batches;
using ClipDistributed.Training.Steps;
using TorchSharp;
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

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Images_SecondPass_SendsPixelsAgainOnlyWhereTheyAreNotKept(bool keeps)
    {
        using var scope = NewDisposeScope();
        const int rows = 5, side = 4;
        var batch = new Batch(1, Samples(rows), new byte[rows * 3 * side * side], side, new int[rows], 1);
        using var share = new MicroBatches(batch, 2, new PreprocessConfig(), CPU) { KeepsPixels = keeps };
        Tensor[] first = [.. Enumerable.Range(0, share.Count).Select(share.Images)];
        foreach (byte[] image in batch.Images)
            Array.Fill(image, byte.MaxValue); // what is sent from now on can be told from what is there
        long before = Tensor.TotalCount;
        Tensor[] second = [.. Enumerable.Range(0, share.Count).Select(share.Images)];
        Assert.Equal(before + share.Count - (keeps ? share.Count : 0), Tensor.TotalCount); // nobody needs them after that
        for (int i = 0; i < share.Count; i++)
            Assert.Equal(keeps, second[i].eq(first[i]).all().item<bool>());
        Assert.True(share.Images(0).max().item<float>() > 1); // of a third pass, as after a change
    }

    [Theory]
    [InlineData(DeviceType.CPU, 1 << 30, false)] // they are there
    [InlineData(DeviceType.CUDA, 1 << 20, false)]
    [InlineData(DeviceType.CUDA, 3 * 256 * 256 * 16 * 16, true)]
    [InlineData(DeviceType.CUDA, 3 * 256 * 256 * 16 * 16 - 1, false)]
    [InlineData(DeviceType.CUDA, null, true)]
    public void PixelsFit_DeviceAndItsMemory_TakeASixteenthAtMost(DeviceType device, int? memory, bool keeps)
    {
        const int rows = 16, side = 256;
        var share = new Batch(1, Samples(rows), Enumerable.Repeat(Array.Empty<byte>(), rows).ToArray(), side, new int[rows], 1);
        Assert.Equal(keeps, MicroBatches.PixelsFit(share, device, memory));
    }

    private static BatchSample[] Samples(int rows) =>
        [.. Enumerable.Range(0, rows).Select(slot => new BatchSample(slot, default, default, 0))];
}
