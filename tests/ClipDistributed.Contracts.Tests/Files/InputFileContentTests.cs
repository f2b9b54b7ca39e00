using System.Text;
using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Files;

namespace ClipDistributed.Contracts.Tests.Files;

/// <summary>Regular files: how much of them is read, and as what text.</summary>
public sealed class InputFileContentTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    [Theory]
    [InlineData(100, true)]
    [InlineData(101, false)]
    public void ReadBytes_AroundTheLimit_IsRefusedAboveIt(int bytes, bool isRead)
    {
        File.WriteAllBytes(folder.File("file"), new byte[bytes]);
        if (isRead)
            Assert.Equal(bytes, InputFile.ReadBytes(folder.File("file"), null, 100).Length);
        else
            Assert.Contains(
                "101 bytes; at most 100 bytes",
                Assert.Throws<BadInputException>(() => InputFile.ReadBytes(folder.File("file"), null, 100)).Message,
                StringComparison.Ordinal
            );
    }

    [Fact]
    public void ReadBytes_FileOfTheKernel_IsBoundedThoughItClaimsNoLength() =>
        Assert.Throws<BadInputException>(() => InputFile.ReadBytes("/proc/self/maps", null, 100));

    [Fact]
    public void ReadBytes_SparseFileOfATerabyte_IsRefusedUnread()
    {
        using (var file = File.Create(folder.File("file")))
            file.SetLength(1L << 40);
        Assert.Throws<BadInputException>(() => InputFile.ReadText(folder.File("file"), null, 100));
        Assert.Throws<BadInputException>(() => InputFile.ReadLines(folder.File("file")).ToList());
    }

    [Theory]
    [InlineData("", new string[0])]
    [InlineData("a", new[] { "a" })]
    [InlineData("a\n", new[] { "a" })]
    [InlineData("a\r\nb\rc\n\nd", new[] { "a", "b", "c", "", "d" })]
    [InlineData("\r\n", new[] { "" })]
    public void ReadLines_EveryLineEnd_GivesTheLinesThatNetGives(string text, string[] expected)
    {
        File.WriteAllText(folder.File("file"), text);
        Assert.Equal(expected, InputFile.ReadLines(folder.File("file")));
        Assert.Equal(File.ReadLines(folder.File("file")), InputFile.ReadLines(folder.File("file")));
    }

    [Fact]
    public void ReadText_OtherEncodings_AreReadByTheirMarkOrRefused()
    {
        File.WriteAllText(folder.File("marked"), "Füße\n", new UnicodeEncoding(bigEndian: false, byteOrderMark: true));
        Assert.Equal("Füße\n", InputFile.ReadText(folder.File("marked"), null, 100));
        Assert.Equal(["Füße"], InputFile.ReadLines(folder.File("marked")));
        foreach (var other in new[] { Encoding.Latin1, new UnicodeEncoding(bigEndian: false, byteOrderMark: false) })
        {
            File.WriteAllText(folder.File("other"), "Füße\n", other);
            Assert.Contains(
                "UTF-8",
                Assert.Throws<BadInputException>(() => InputFile.ReadText(folder.File("other"), null, 100)).Message,
                StringComparison.Ordinal
            );
            Assert.Contains(
                "UTF-8",
                Assert.Throws<BadInputException>(() => InputFile.ReadLines(folder.File("other")).ToList()).Message,
                StringComparison.Ordinal
            );
        }
    }

    public void Dispose() => folder.Dispose();
}
