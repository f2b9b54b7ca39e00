using System.Text;
using System.Text.Json;
using ClipDistributed.Contracts.Errors;
using ClipDistributed.Data.Packing.Lists;
using CsCheck;

namespace ClipDistributed.Data.Tests.Packing.Lists;

public sealed class CaptionListTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Read_AnyWrittenList_GivesItsRows() => WrittenList.Any.Sample(
        list => Assert.Equal(Expected(list.Rows), Rows(Read(list.Extension, list.Bytes))), iter: 1000,
        print: list => $"{list.Extension} {JsonSerializer.Serialize(Encoding.UTF8.GetString(list.Bytes))}");

    [Fact]
    public void Read_AnyJson_GivesItsRows() =>
        Gen.Select(
                Gen.Select(
                    Gen.String[Gen.Char["ab é,\"\\\n/"], 1, 9].Where(image => !string.IsNullOrWhiteSpace(image)),
                    Gen.String[Gen.Char["ab é\"\\\n"], 0, 9].Array[1, 3]
                ).Array[1, 5],
                Gen.Int[0, 4]
            )
            .Sample(
                (rows, form) =>
                {
                    var expected = Expected([.. rows.SelectMany(row => row.Item2.Select(caption => (row.Item1, caption)))]);
                    object?[] entries =
                    [
                        .. rows.Select(row =>
                            (object?)
                                new
                                {
                                    id = 3,
                                    image = row.Item1,
                                    captions = form < 3 ? (object)row.Item2 : row.Item2.Select(text => new { id = 1, caption = text }),
                                }
                        ),
                    ];
                    string text = form switch
                    {
                        0 => string.Join("\n", entries.Select(entry => JsonSerializer.Serialize(entry))),
                        1 or 3 => string.Join("\r\n\n", entries.Select(entry => JsonSerializer.Serialize(entry))) + "\r\n",
                        2 => JsonSerializer.Serialize(entries),
                        _ => JsonSerializer.Serialize(entries, Indented),
                    };
                    Assert.Equal(expected, Rows(Read(form % 2 == 0 ? ".json" : ".jsonl", Encoding.UTF8.GetBytes(text))));
                },
                iter: 300
            );

    // Whatever becomes of a list on its way, it is read or refused in one line.
    [Fact]
    public void Read_MutatedList_IsReadOrRefused()
    {
        string[] lists =
        [
            "sep=;\nfile;caption\n\"a.png\";\"red \"\"big\"\"\"\nb.png;x\n", "filepath\ttitle\na.png\t[\"a\", {\"caption\": \"b\"}]\n",
            "{\"image\": {\"path\": \"a\"}, \"captions\": [\"x\", {\"raw\": \"\\ud83d\\ude00\"}]}\n{\"image\": \"b\", \"captions\": "
                + "\"y\"}\n",
            "{\"images\": [{\"id\": 1, \"file_name\": \"a\"}], \"annotations\": [{\"image_id\": 1, \"caption\": \"x\"}]}",
            "[{\"file\": \"a\", \"text\": \"b\"}]",
        ];
        var mutation = Gen.Select(
            Gen.Int[0, 200],
            Gen.OneOf(Gen.Byte, Gen.OneOf("\"\\{}[],;\t\r\n\0".Select(c => (byte)c).ToArray())),
            Gen.Int[0, 2]
        );
        Gen.Select(Gen.Int[0, lists.Length - 1], Gen.OneOf(".csv", ".tsv", ".jsonl", ".json"), mutation.Array[1, 6])
            .Sample(
                (list, extension, mutations) =>
                {
                    List<byte> bytes = [.. Encoding.UTF8.GetBytes(lists[list])];
                    foreach (var (at, value, kind) in mutations)
                    {
                        int place = at % (bytes.Count + 1);
                        if (kind == 0 || place == bytes.Count)
                            bytes.Insert(place, value);
                        else if (kind == 1)
                            bytes[place] = value;
                        else
                            bytes.RemoveAt(place);
                    }
                    try
                    {
                        Assert.All(Read(extension, [.. bytes]).Rows, row => Assert.True(row.Caption is null != (row.Problem is null)));
                    }
                    catch (BadInputException refused)
                    {
                        Assert.All(refused.Errors, error => Assert.NotEmpty(error));
                    }
                },
                iter: 1000
            );
    }

    [Theory]
    [InlineData(".csv", "file,caption\na.png,red, big dog\n", "a.png: red, big dog")] // not quoted; the caption is the last column
    [InlineData(
        ".csv",
        "caption,file\nred, big dog,a.png\n",
        " big dog! has more values than there are columns; quote values that hold a comma"
    )]
    [InlineData(".csv", "file,caption,,\na.png,\"red, big\",,\n,,,\n", "a.png: red, big")] // as spreadsheets write
    [InlineData(".csv", "file,caption\na.png,x,,\n", "a.png: x")]
    [InlineData(".csv", "file,caption\na.png,a 5\" disc\n", "a.png: a 5\" disc")]
    [InlineData(
        ".csv",
        "file,caption\na.png,\"a \"big\" dog\"\nb.png,c\n",
        "a.png! has a quote that does not close before a separator; double each quote inside a quoted value",
        "b.png: c"
    )]
    [InlineData(".csv", "file, caption\na.png, \"red, big\" \n", "a.png: red, big")]
    // written without quoting
    [InlineData(".tsv", "file\tcaption\na.png\t\"best\" of show\nb.png\t\"open\n", "a.png: \"best\" of show", "b.png: \"open")]
    [InlineData(".csv", "filepath\ttitle\na.png\tred, big; dog | x\n", "a.png: red, big; dog | x")]
    [InlineData(".csv", "image_name| comment_number| comment\n1.jpg| 0| Two men , outside .\n", "1.jpg: Two men , outside .")]
    [InlineData(".txt", "a.jpg\tred, big\nb.jpg\tblue\n", "a.jpg: red, big", "b.jpg: blue")] // no header
    [InlineData(".txt", "a.jpg#0\tred, big\na.jpg#1\tblue\n", "a.jpg#0: red, big", "a.jpg#1: blue")]
    [InlineData(".csv", "a red dog,x/a.PNG\n", "x/a.PNG: a red dog")]
    [InlineData(".csv", "url,filepath,text,caption\nhttp://h/x.png,a.png,no,yes\n", "a.png: yes")]
    [InlineData(".csv", "file,caption\na.png,\"[\"\"red\"\", \"\"round\"\"]\"\n", "a.png: red", "a.png: round")]
    [InlineData(
        ".csv",
        "file,caption\na.png,\"['red', 'round']\"\n",
        "a.png! has a list or dict in Python's notation as its caption; write it as JSON"
    )]
    [InlineData(
        ".tsv",
        "file\tcaption\na.png\t[\"it's red\", 'round']\nb.png\t{\"a\": 'x'}\nc.png\t[\"x\", None]\nd.png\t[{'a': 1}]\n",
        "a.png! has a list or dict in Python's notation as its caption; write it as JSON",
        "b.png! has a list or dict in Python's notation as its caption; write it as JSON",
        "c.png! has a list or dict in Python's notation as its caption; write it as JSON",
        "d.png! has a list or dict in Python's notation as its caption; write it as JSON"
    )]
    [InlineData(
        ".csv",
        "file,caption\na.png,[]\nb.png,\"[1, 2]\"\nc.png,[null]\nd.png,{}\n",
        "a.png! has an empty list of captions",
        "b.png! has a number as its caption, not text",
        "b.png! has a number as its caption, not text",
        "c.png! has null as its caption",
        "d.png! has an object without a text as its caption"
    )]
    [InlineData(
        ".tsv",
        "file\tcaption\na.png\t[\"Untitled\"] by X [1980]\nb.png\t{curly}\nc.png\t[\nd.png\t[a, b]\n",
        "a.png: [\"Untitled\"] by X [1980]",
        "b.png: {curly}",
        "c.png: [",
        "d.png: [a, b]"
    )]
    [InlineData(".csv", "  \n,,\nfile,caption\n , \na.png,x\n", "a.png: x")] // rows of blanks before the header
    [InlineData(".csv", "file,caption\na.png,[sold] a lamp [2]\n", "a.png: [sold] a lamp [2]")]
    [InlineData(".csv", "file,caption\na.png\nb.png\n", "a.png! has no caption", "b.png! has no caption")]
    [InlineData(".csv", "file,caption\na.png;x\nb.png,y\n", "a.png;x! has no caption", "b.png: y")]
    [InlineData(
        ".csv",
        "file,caption\na.png\n,x\n\"\",y\nb.png,\n",
        "a.png! has no caption",
        "(none)! names no image",
        "(none)! names no image",
        "b.png! has no caption"
    )]
    [InlineData(
        ".jsonl",
        "{\"file\":\"a\",\"text\":7}\n{\"file\":\"b\",\"text\":null}\n{\"file\":\"c\",\"text\":true}\n"
            + "{\"file\":\"d\",\"text\":[]}\n{\"file\":\"e\"}\n{\"text\":\"x\"}",
        "a! has a number as its caption, not text",
        "b! has null as its caption",
        "c! has true or false as its caption, not text",
        "d! has an empty list of captions",
        "e! has no caption",
        "(none)! names no image"
    )]
    [InlineData(
        ".jsonl",
        "{\"file\":\"a\",\"text\":[\"x\",null,[\"y\"],{\"raw\":\"z\"},{\"id\":1}]}",
        "a: x",
        "a! has null as its caption",
        "a! has lists in its list of captions",
        "a: z",
        "a! has an object without a text as its caption"
    )]
    [InlineData(
        ".jsonl",
        "{\"image\":{\"bytes\":null,\"path\":\"a\"},\"text\":\"x\"}\n{\"image\":4,\"text\":\"x\"}",
        "a: x",
        "(none)! names its image by a number, not by a path"
    )]
    [InlineData(
        ".json",
        "{\"info\":{},\"images\":[{\"id\":9,\"file_name\":\"a.png\"}],"
            + "\"annotations\":[{\"image_id\":9,\"caption\":\"x\"},{\"image_id\":9,\"caption\":\"y\"},{\"image_id\":8,\"caption\":\"z\"}]}",
        "a.png: x",
        "a.png: y",
        "(none)! names no image"
    )]
    [InlineData(
        ".json",
        "{\"a.png\": \"x\", \"b.png\": {\"caption\": \"y\", \"tags\": \"t\"}, \"c.png\": [\"z\", null]}",
        "a.png: x",
        "b.png: y",
        "c.png: z",
        "c.png! has null as its caption"
    )]
    [InlineData(
        ".json",
        "{\"dataset\": \"coco\", \"images\": [{\"filepath\": \"val\", \"filename\": \"a.jpg\", \"sentences\": [{\"tokens\": [\"x\"], "
            + "\"raw\": \"x y\"}, {\"raw\": \"z\"}]}]}",
        "a.jpg: x y",
        "a.jpg: z"
    )]
    [InlineData(".json", "{\n\"data\": [\n{\"image\": \"a\", \"text\": \"x\"}]}", "a: x")]
    [InlineData(".tsv", "#filename\tcaption\na\tx\n", "a: x")]
    public void Read_ListOfUsers_GivesItsRowsOrTheReason(string extension, string text, params string[] expected) =>
        Assert.Equal(
            expected,
            Read(extension, Encoding.UTF8.GetBytes(text))
                .Rows.Select(row =>
                    row.Image is null || row.Problem is not null ? $"{row.Image ?? "(none)"}! {row.Problem}" : $"{row.Image}: {row.Caption}"
                )
        );

    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    private CaptionList Read(string extension, byte[] bytes, string? image = null, string? caption = null, char? separator = null)
    {
        string path = folder.File($"list-{Guid.NewGuid():N}{extension}");
        File.WriteAllBytes(path, bytes);
        return CaptionList.Read(new ListOptions(path, image, caption, separator));
    }

    private static IEnumerable<(string?, string?)> Rows(CaptionList list) => list.Rows.Select(row => (row.Image, row.Caption));

    private static IEnumerable<(string?, string?)> Expected((string Image, string Caption)[] rows) =>
        rows.Select(row => ((string?)row.Image, string.IsNullOrWhiteSpace(row.Caption) ? null : row.Caption.Trim()));
}
