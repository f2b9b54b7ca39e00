using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Runs;

namespace ClipDistributed.Contracts.Tests.Runs;

public sealed class RunLinesTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    private string Metrics => folder.File("metrics.jsonl");

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Read_Lines_AreTrimmedAndEmptyOnesLeftOut()
    {
        File.WriteAllText(Metrics, $"a\n\n  b \r\n{new string('x', 2 << 20)}\nlast");
        Assert.Equal(["a", "b", null, "last"], RunLines.Read(Metrics));
    }

    [Theory]
    [InlineData("fifo", "is a pipe (FIFO)")]
    [InlineData("folder", "is a folder")]
    [InlineData("link to itself", "does not exist")]
    [InlineData("device", "is a device")]
    [InlineData("nothing", "does not exist")]
    public void Read_NoRegularFile_IsOneLineThatNamesIt(string kind, string said)
    {
        if (kind == "fifo")
            SpecialFiles.MakeFifo(Metrics);
        else if (kind == "folder")
            Directory.CreateDirectory(Metrics);
        else if (kind != "nothing")
            File.CreateSymbolicLink(Metrics, kind == "device" ? "/dev/zero" : Metrics);
        string error = Assert.Single(Assert.Throws<BadInputException>(() => RunLines.Read(Metrics).Count()).Errors);
        Assert.StartsWith($"{Metrics} {said}", error, StringComparison.Ordinal);
        Assert.Equal(2, error.Split(Metrics).Length);
    }

    [Fact]
    public void Read_SparseFileOfATerabyte_IsRefusedSoon()
    {
        File.WriteAllText(Metrics, "{}\n");
        SpecialFiles.Stretch(Metrics, 1L << 40);
        string error = Assert.Single(Assert.Throws<BadInputException>(() => RunLines.Read(Metrics).Count()).Errors);
        Assert.StartsWith($"{Metrics} is damaged (no line ends in the 64 MiB after byte 3)", error, StringComparison.Ordinal);
    }

    [Fact]
    public void Claim_WriterFileOfATerabyte_IsReadUpToItsBound()
    {
        var run = new RunDirectory(folder.Path);
        Assert.Null(WriterFile.Claim(run));
        File.WriteAllText(run.Writer, "demo-1 3 7\n");
        SpecialFiles.Stretch(run.Writer, 1L << 40);
        Assert.Equal(new WriterClaim("demo-1", 3, 7), WriterFile.Claim(run));
        Assert.InRange(WriterFile.Read(run).Length, 11, 4096);
    }
}
