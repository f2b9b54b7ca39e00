using System.Text;
using ClipDistributed.TestKit.Mutations;

namespace ClipDistributed.Fuzz.Kinds;

/// <summary>A list of captions beside a folder of images, for <c>clipd data pack</c>.</summary>
internal sealed class ListKind : IFuzzKind
{
    private static readonly byte[] Pixel = Convert.FromBase64String(
        "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGP4z8AAAAMBAQDJ/pLvAAAAAElFTkSuQmCC"
    );

    private static readonly (string Name, string Text)[] Sound =
    [
        ("list.csv", "filepath,title,licence\na.png,a red disc,cc\nsub/b.png,\"a blue, \"\"small\"\" box\",cc\nc.png,three\n"),
        ("list.csv", "filepath\ttitle\na.png\ta red disc\nsub/b.png\ta blue box\nc.png\tthree\n"),
        ("list.tsv", "image\tcaption\r\na.png\ta red disc\r\nsub/b.png\ta blue box\r\n"),
        ("list.csv", "sep=;\nimage_path;caption\na.png;a red disc\nsub/b.png;\"a; blue box\"\n"),
        (
            "list.jsonl",
            "{\"image\": \"a.png\", \"caption\": \"a red disc\"}\n{\"image\": \"sub/b.png\", \"caption\": [\"a blue box\", "
                + "\"blue\"]}\n{\"file_name\": \"c.png\", \"text\": {\"caption\": \"three\"}}\n"
        ),
    ];

    private static readonly string[] Words =
    [
        ",",
        ";",
        "|",
        "\t",
        "sep=",
        "filepath",
        "title",
        "caption",
        "image",
        "a.png",
        "sub/b.png",
        "../",
        "/",
        "\\",
        "http://",
        "[",
        "{",
        "\"\"",
        ":",
    ];

    public string Name => "lists";

    public void Write(string folder, int seed)
    {
        Directory.CreateDirectory(Path.Combine(folder, "images", "sub"));
        foreach (string name in new[] { "a.png", "sub/b.png", "c.png" })
            File.WriteAllBytes(Path.Combine(folder, "images", name), Pixel);
        var (file, text) = Sound[seed % Sound.Length];
        File.WriteAllBytes(
            Path.Combine(folder, file),
            seed % 3 == 0 ? TextShapes.List(seed) : MutatedText.Make(Encoding.UTF8.GetBytes(text), Words, seed)
        );
    }

    public IEnumerable<string[]> Commands(string folder)
    {
        string list = Directory.GetFiles(folder).Single();
        yield return ["data", "pack", Path.Combine(folder, "images"), "--captions", list, "--out", Path.Combine(folder, "out")];
    }
}
