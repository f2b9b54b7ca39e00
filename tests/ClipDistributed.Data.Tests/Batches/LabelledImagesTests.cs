using ClipDistributed.Contracts.Spec.V1;
using ClipDistributed.Data.Batches;
using ClipDistributed.Data.Images;
using ClipDistributed.Data.Streams;
using ClipDistributed.Data.Tests.Samples;
using Parquet.Schema;

namespace ClipDistributed.Data.Tests.Batches;

public sealed class LabelledImagesTests : IDisposable
{
    private static readonly string[] Classes = ["a", "b", "c"];
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Read_LargeBlock_ComesInSlices()
    {
        await PictureDataset.WriteAsync(folder, [80], rowsPerGroup: 80, id => id.Row == 40, labelOf: id => (int)id.Row % 3);
        var pieces = Images().Read().ToList();
        Assert.Equal([(32, 0), (31, 1), (16, 0)], pieces.Select(piece => (piece.Labels.Length, piece.Damaged)));
        Assert.Equal([31, 32, 33], pieces[0].Images.TakeLast(1).Concat(pieces[1].Images.Take(2)).Select(image => (int)image[0]));
        Assert.Equal(Enumerable.Range(0, 80).Where(row => row != 40).Select(row => row % 3), pieces.SelectMany(piece => piece.Labels));
        Assert.All(pieces, piece => Assert.Equal(piece.Labels.Length, piece.Images.Count));
    }

    [Fact]
    public async Task Read_DamagedBlock_IsSkippedAndCounted()
    {
        var manifest = await PictureDataset.WriteAsync(folder, [10, 4], rowsPerGroup: 5, labelOf: id => 1);
        TestDataset.Overwrite(manifest.Shards[0].Path, at: 4, count: 8);
        var pieces = Images().Read().ToList();
        Assert.Equal(5, pieces.Sum(piece => piece.Damaged));
        Assert.Equal([5, 6, 7, 8, 9, 0, 1, 2, 3], pieces.SelectMany(piece => piece.Images).Select(image => (int)image[0]));
    }

    [Fact]
    public async Task Read_NoCaptionColumn_IsNoFault()
    {
        var image = new DataField("image", typeof(byte[]));
        var label = new DataField("label", typeof(string));
        await TestDataset.WriteFileAsync(
            folder.File("exported.parquet"),
            (
                image,
                group => group.WriteAsync(image, [PictureDataset.ImageOf(new SampleId(0, 7)), PictureDataset.ImageOf(new SampleId(0, 8))])
            ),
            (label, group => group.WriteAsync(label, ["c", "b"]))
        );
        var piece = Assert.Single(Images().Read());
        Assert.Equal([2, 1], piece.Labels);
        Assert.Equal([7, 8], piece.Images.Select(pixels => (int)pixels[0]));
    }

    private LabelledImages Images() =>
        LabelledImages.Open(
            new SourceSpec { Path = folder.Path, Name = "test" },
            Classes,
            new EvaluationTransform(4),
            maxImagePixels: 1000
        );
}
