using ClipDistributed.Contracts.Errors;
using ClipDistributed.Data.Packing;
using ClipDistributed.TestKit.Images;

namespace ClipDistributed.Data.Tests.Packing;

/// <summary>The folder of the shards: what other users, killed processes and other runs may have left in it.</summary>
public sealed class PackOutputTests : IDisposable
{
    private const string Secret = "not yours";

    private readonly TemporaryFolder folder = new();

    public PackOutputTests()
    {
        Directory.CreateDirectory(folder.File("in/red"));
        foreach (string name in new[] { "a", "b", "c" })
            File.WriteAllBytes(folder.File($"in/red/{name} disc.png"), PngBytes.Write(2, 2, 8, 2, new byte[12]));
        File.WriteAllBytes(folder.File("in/red/damaged one.png"), [1]);
        File.WriteAllText(folder.File("victim"), Secret);
    }

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("shard-00000.parquet.partial")]
    [InlineData("shard-00000.parquet")]
    [InlineData("left-out.tsv")]
    [InlineData("pack.progress")]
    [InlineData("pack.json.partial")]
    [InlineData("pack.json")]
    [InlineData("classes.txt")]
    public async Task RunAsync_LinkInTheFolder_IsNeverWrittenThrough(string name)
    {
        await StopAfterAsync(1);
        if (Path.Exists(At(name)))
            File.Delete(At(name));
        File.CreateSymbolicLink(At(name), folder.File("victim"));
        try
        {
            Assert.Equal(3, (await PackAsync(Options)).Rows);
        }
        catch (Exception refused) when (refused is IOException or BadInputException)
        {
            Assert.Contains(name, refused.Message, StringComparison.Ordinal);
        }
        Assert.Equal(Secret, File.ReadAllText(folder.File("victim")));
    }

    [Fact]
    public async Task RunAsync_LinkToNothingInTheFolder_MakesNothing()
    {
        await StopAfterAsync(1);
        File.Delete(At("left-out.tsv"));
        File.CreateSymbolicLink(At("left-out.tsv"), folder.File("nologin"));
        File.CreateSymbolicLink(At("shard-00000.parquet.partial"), folder.File("nologin"));
        await Assert.ThrowsAnyAsync<IOException>(() => PackAsync(Options));
        Assert.False(File.Exists(folder.File("nologin")));
    }

    // Lines of before are kept, so the file is opened where it lies.
    [Fact]
    public void Append_LeftOutFileIsALink_IsRefusedAndItsTargetStays()
    {
        File.CreateSymbolicLink(folder.File(LeftOutFile.FileName), folder.File("victim"));
        using var leftOut = new LeftOutFile(folder.Path, length: Secret.Length);
        var refused = Assert.Throws<IOException>(() => leftOut.Append(new PackItem("", "a.png"), "has no bytes"));
        Assert.Contains("is a symbolic link", refused.Message, StringComparison.Ordinal);
        Assert.Equal(Secret, File.ReadAllText(folder.File("victim")));
    }

    [Fact]
    public async Task RunAsync_BesideAnotherRun_IsRefusedAndTheOtherGoesOn()
    {
        BadInputException? refused = null;
        var summary = await new FolderPacking(Options with { Workers = 1 }).RunAsync((_, _) =>
            refused ??= Assert.Throws<BadInputException>(() => PackAsync(Options with { Overwrite = true }).GetAwaiter().GetResult()));
        Assert.Contains("is being packed into by another process", refused!.Message, StringComparison.Ordinal);
        Assert.Equal(3, summary.Rows);
        Assert.Equal(["classes.txt", "left-out.tsv", "pack.json", "shard-00000.parquet"], Names());
    }

    // Whatever moment a kill leaves: the first journal not there yet, one half written, a shard without its name.
    [Theory]
    [InlineData("pack.progress")]
    [InlineData("pack.json.0123456789abcdef0123456789abcdef.tmp")]
    public async Task RunAsync_KilledAtItsStart_BeginsAgain(string left)
    {
        Directory.CreateDirectory(folder.File("out"));
        File.WriteAllText(At("pack.progress"), "");
        File.WriteAllText(At(left), "{");
        Assert.Equal(3, (await PackAsync(Options)).Rows);
        Assert.Equal(["classes.txt", "left-out.tsv", "pack.json", "shard-00000.parquet"], Names());
    }

    [Fact]
    public async Task RunAsync_KilledInAShard_WritesItAgain()
    {
        await StopAfterAsync(2);
        File.WriteAllText(At("shard-00000.parquet.partial"), new string('x', 100_000));
        var summary = await PackAsync(Options);
        await PackAsync(Options with { Output = folder.File("whole") });
        Assert.Equal(2, summary.RowsOfBefore);
        Assert.Equal(File.ReadAllBytes(folder.File("whole/shard-00000.parquet")), File.ReadAllBytes(At("shard-00000.parquet")));
    }

    // Its shards and notes are not images that are left out, and no other files than before.
    [Theory]
    [InlineData("in/out", "in")]
    [InlineData("in/red/deep/out", "in")]
    [InlineData("in/out", "link")]
    [InlineData("link/out", "in")]
    public async Task RunAsync_OutputInsideTheImages_GoesOnAndDoesNotListItself(string output, string images)
    {
        Directory.CreateSymbolicLink(folder.File("link"), folder.File("in"));
        var options = Options with { Folders = [folder.File(images)], Output = folder.File(output) };
        await StopAfterAsync(1, options);
        var summary = await PackAsync(options);
        Assert.Equal((3L, 1L), (summary.Rows, summary.RowsOfBefore));
        Assert.Equal(["is in no format that can be read (JPEG, PNG, WebP, GIF, BMP, TIFF, AVIF, JPEG 2000)"], summary.LeftOut.Keys);
        Assert.Equal(3, (await PackAsync(options)).RowsOfBefore);
        Assert.Equal(3, (await PackAsync(options with { Overwrite = true })).Rows);
    }

    [Fact]
    public async Task RunAsync_OverwriteOfAStoppedRun_BeginsAnew()
    {
        await StopAfterAsync(2);
        var summary = await PackAsync(Options with { Overwrite = true });
        Assert.Equal((3L, 0L), (summary.Rows, summary.RowsOfBefore));
    }

    [Theory]
    [InlineData("victim", "is a file")]
    [InlineData("victim/out", "is a file")]
    [InlineData("in", "is one of the folders of images")]
    public async Task RunAsync_OutputThatCannotBe_IsRefusedBeforeTheListIsRead(string output, string expected)
    {
        var options = new PackOptions([folder.File("in")], folder.File(output), folder.File("absent.csv"));
        Assert.Contains(
            expected,
            (await Assert.ThrowsAsync<BadInputException>(() => PackAsync(options))).Message,
            StringComparison.Ordinal
        );
    }

    private PackOptions Options => new([folder.File("in")], folder.File("out"), PackOptions.ClassFolders) { Labels = true };

    private string At(string name) => Path.Combine(folder.File("out"), name);

    private IEnumerable<string> Names() =>
        Directory.GetFileSystemEntries(folder.File("out")).Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal);

    private static Task<PackSummary> PackAsync(PackOptions options) =>
        new FolderPacking(options).RunAsync(cancel: TestContext.Current.CancellationToken);

    private Task StopAfterAsync(int images) => StopAfterAsync(images, Options);

    private static async Task StopAfterAsync(int images, PackOptions options)
    {
        using var stop = new CancellationTokenSource();
        var part = await new FolderPacking(options with { Workers = 1 }).RunAsync(
            (done, _) =>
            {
                if (done == images)
                    stop.Cancel();
            },
            stop.Token);
        Assert.Equal(4 - images, part.Remaining);
    }
}
