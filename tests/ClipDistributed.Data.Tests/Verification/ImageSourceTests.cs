using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Spec.V1;
using ClipDistributed.Data.Images;
using ClipDistributed.Data.Samples;
using ClipDistributed.Data.Tests.Images;
using ClipDistributed.Data.Verification;

namespace ClipDistributed.Data.Tests.Verification;

public sealed class ImageSourceTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Find_FolderWithAParquetName_IsAFolder()
    {
        Directory.CreateDirectory(folder.File("data.parquet"));
        Directory.CreateDirectory(folder.File("data.parquet/odd.parquet"));
        await WriteShardAsync("data.parquet");
        Assert.Equal(["part-00000.parquet"], ImageSource.Find(folder.File("data.parquet"), "PATH").Shards.Select(Path.GetFileName));
        Assert.Contains("does not exist", Refused(folder.File("none")), StringComparison.Ordinal);
        Assert.Contains("has neither images", Refused(folder.File("data.parquet/odd.parquet")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Find_ParquetFileOfAnyName_IsAShard()
    {
        await WriteShardAsync("");
        File.Move(folder.File("part-00000.parquet"), folder.File("part.data"));
        Assert.Single(ImageSource.Find(folder.File("part.data"), "PATH").Shards);
    }

    [Fact]
    public async Task Find_ImagesOfAnyNameBesideShards_AreTheListingOfPack()
    {
        await WriteShardAsync("");
        Directory.CreateDirectory(folder.File("more"));
        File.WriteAllBytes(folder.File("more/photo"), PreprocessFixture.Bytes("rgb_420.jpg"));
        File.WriteAllText(folder.File("claims.png"), "no picture");
        File.WriteAllText(folder.File("notes.md"), "nothing to see");
        var found = ImageSource.Find(folder.Path, "PATH");
        Assert.Equal(["part-00000.parquet"], found.Shards.Select(Path.GetFileName));
        Assert.Equal(ImageListing.Of(folder.Path).Images, found.Images);
        Assert.Equal(["claims.png", "photo"], found.Images.Select(Path.GetFileName));
        Assert.Equal([$"{folder.Path}: 1 left out: is not an image (first: notes.md)"], found.LeftOut);
    }

    [Fact]
    public async Task Find_FolderOfShardsAlone_LeavesOtherFilesUnsaid()
    {
        await WriteShardAsync("");
        File.WriteAllText(folder.File("notes.md"), "nothing to see");
        Assert.Empty(ImageSource.Find(folder.Path, "PATH").LeftOut);
    }

    [Fact]
    public void Run_ImageFiles_AreDecodedAndNamedByPath()
    {
        byte[] jpeg = PreprocessFixture.Bytes("rgb_420.jpg");
        File.WriteAllBytes(folder.File("a.jpg"), jpeg);
        File.WriteAllBytes(folder.File("b.jpg"), jpeg[..(jpeg.Length / 2)]);
        File.WriteAllBytes(folder.File("c.png"), []);
        var verified = new DatasetVerification(new SourceSpec(), maxPixels: 100_000_000)
            .Run([ImageSource.Find(folder.Path, "PATH")], workers: 2, TestContext.Current.CancellationToken).ToList();
        Assert.Equal(["a.jpg", "b.jpg", "c.png"], verified.Select(part => Path.GetFileName(part.Shard)));
        Assert.All(verified, part => Assert.True(part is { IsImage: true, IsEmpty: false, Rows: 0 }));
        Assert.Equal([jpeg.Length, jpeg.Length / 2, 0], verified.Select(part => part.ImageBytes));
        Assert.Equal(
            [("b.jpg", null, "the image is a JPEG cut short"), ("c.png", null, "the image has no bytes")],
            verified.SelectMany(part => part.Damaged).Select(place => (Path.GetFileName(place.Shard), place.Row, place.Reason)));
    }

    private static string Refused(string path) => Assert.Throws<BadInputException>(() => ImageSource.Find(path, "PATH")).Message;

    private async Task WriteShardAsync(string inside)
    {
        await using var writer = new ParquetShardWriter(folder.File(inside), "part", 10, 10);
        await writer.AddAsync(PreprocessFixture.Bytes("rgb_420.jpg"), "a caption");
    }
}
