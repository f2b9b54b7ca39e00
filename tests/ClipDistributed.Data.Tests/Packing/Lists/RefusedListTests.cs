using System.Text;
using System.Text.Json;
using ClipDistributed.Contracts.Errors;
using ClipDistributed.Data.Packing.Lists;
using CsCheck;

namespace ClipDistributed.Data.Tests.Packing.Lists;

public sealed class RefusedListTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData(".csv", "name,words\na,text\n", "has no column of images under a usual name")]
    [InlineData(".csv", "file,text\na.png,\"never closed\nb.png,c\n", ":2: a quoted value begins here and never ends")]
    [InlineData(".csv", "filepath^title\na.png^x\n", "looks like one column; say --separator '^')")]
    [InlineData(".csv", "image  caption\na.png  x\n", "looks like one column; say --separator ' ')")]
    [InlineData(".txt", "a.png: red\nb.png: blue\n", "looks like one column; say --separator ':')")]
    [InlineData(".csv", "filepath title caption\n", "looks like one column; say --separator ' ')")]
    [InlineData(".csv", "pictures\na.png\n", "looks like one column; name what separates its values in --separator)")]
    [InlineData(".csv", "sep=|\nfile,caption\na,b\n", "looks like one column; say --separator comma)")]
    [InlineData(".csv", "", "is empty")]
    [InlineData(".csv", "  \n,,\n", "is empty")]
    [InlineData(".csv", "file,caption\n", "holds no rows")]
    [InlineData(
        ".csv",
        "file,caption,caption\na,b,c\n",
        "has two columns 'caption' (columns 2 and 3); name one by its number in --caption-column"
    )]
    [InlineData(".csv", "a.png,red,3\n", "the first line seems to name none: give their numbers")]
    [InlineData(".csv", "f\0i\0l\0e\0", "is not a text file")] // UTF-16 without its mark
    [InlineData(".csv", "PK\u0003\u0004xxxx", "is not a text file")]
    [InlineData(".csv", "filepath,title\na.png;an icon\nb.png;red\nc.png,x\n", ": line 2 has 1 value, the header 2; is the separator ';'?")]
    [InlineData(".csv", "filepath,title\n\na.png\tan icon\nb.png\tred\n", ": line 3 has 1 value, the header 2; is the separator '\\t'?")]
    [InlineData(".tsv", "a.png\tx\nb.png,y\nc.png,z\n", ": line 2 has 1 value, the first line 2; is the separator ','?")]
    [InlineData(".jsonl", "[1]\n", ":1 is not a JSON object")]
    [InlineData(".jsonl", "{\"file\":\"a\",\"text\":\"b\"}\n{\"file\":\"a\",\n", ":2 is not a JSON object (line 2; it may be cut off)")]
    [InlineData(".jsonl", "{\"file\":\"a\",\"text\":\"\\ud83d\"}\n", ":1 escapes half a character")]
    [InlineData(".json", "{\"a\": {\"b\": 1}, \"c\":\n2}", "is not a JSON object")]
    [InlineData(".xls", "x", "use a .csv, .tsv or .jsonl file")]
    public void Read_NoList_IsRefused(string extension, string text, string expected) =>
        Assert.Contains(
            expected,
            Assert.Throws<BadInputException>(() => Read(extension, Encoding.UTF8.GetBytes(text))).Message,
            StringComparison.Ordinal
        );

    [Theory]
    [InlineData("2", "3", "a^b^c\n1^x.png^red\n", ".csv", "x.png: red", "^")] // numbers; the first line is a header
    [InlineData("1", "2", "x.png,red\ny.png,blue\n", ".csv", "x.png: red", null)]
    [InlineData("B", " c ", "a;b;c\n1;x.png;red\n", ".csv", "x.png: red", null)] // names but for case and blanks
    public void Read_NamedColumns_AreTaken(string image, string caption, string text, string extension, string first, string? separator)
    {
        var row = Read(extension, Encoding.UTF8.GetBytes(text), image, caption, separator?[0]).Rows[0];
        Assert.Equal(first, $"{row.Image}: {row.Caption}");
    }

    [Fact]
    public void Read_BytesThatAreNotUtf8_CostTheirRowAlone()
    {
        var rows = Read(".csv", [.. "file,caption\na.png,caf"u8, 0xE9, .. "\nb.png,x\n"u8]).Rows;
        Assert.Equal([ListRow.NotUtf8, null], rows.Select(row => row.Problem));
    }

    [Theory]
    [InlineData("a,", "values")]
    [InlineData("a", "characters")]
    public void Read_RowWithoutEnd_IsRefused(string piece, string expected)
    {
        string text = "file,caption\n" + string.Concat(Enumerable.Repeat(piece, ListFile.MaxValue + 2));
        Assert.Contains(
            expected,
            Assert.Throws<BadInputException>(() => Read(".csv", Encoding.UTF8.GetBytes(text))).Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Read_Device_IsRefused() =>
        Assert.Contains(
            "is a device",
            Assert.Throws<BadInputException>(() => CaptionList.Read(new ListOptions("/dev/zero", null, null, null))).Message,
            StringComparison.Ordinal
        );

    private CaptionList Read(string extension, byte[] bytes, string? image = null, string? caption = null, char? separator = null)
    {
        string path = folder.File($"list-{Guid.NewGuid():N}{extension}");
        File.WriteAllBytes(path, bytes);
        return CaptionList.Read(new ListOptions(path, image, caption, separator));
    }
}
