using System.Diagnostics;
using ClipDistributed.Data.Images;

namespace ClipDistributed.Data.Tests.Images;

public sealed class ImageListingTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    [Fact]
    public void Of_FilesOfManyNames_AreFoundByTheirContent()
    {
        Put("rgb.png", "a.png", "b.PNG", "c", "d.tmp", "e.jpg", "sub/deep/f.html");
        Put("rgb.tif", "g.tiff", "h.dat");
        Put("rgb.jp2", "i.jp2", "j");
        Put("plain.gif", "k.gif", "l.txt");
        Put("rgb.bmp", "m.dib", "n.bin");
        Write("o.jpg", "<html>");
        Write("p.heic", "no HEIC either");
        Write("zero.png", "");
        Assert.Equal(
            [
                "a.png",
                "b.PNG",
                "c",
                "d.tmp",
                "e.jpg",
                "g.tiff",
                "h.dat",
                "i.jp2",
                "j",
                "k.gif",
                "l.txt",
                "m.dib",
                "n.bin",
                "o.jpg",
                "p.heic",
                "sub/deep/f.html",
                "zero.png",
            ],
            Names(ImageListing.Of(folder.Path).Images)
        );
    }

    [Fact]
    public void Of_WhatIsNoImage_IsNamedWithItsReasonUnlessItBelongsToOne()
    {
        Put("rgb.png", "a.png", "._a.png", ".hidden.png", "__MACOSX/a.png", ".ipynb_checkpoints/a.png", ".git/b");
        Write("a.txt", "its caption");
        Write("a.json", "{}");
        Write("notes.txt", "of nothing");
        Write("BMW.txt", "BM is a text that begins as a bitmap does, and is long enough for a header");
        Write("Thumbs.db", "\0\0");
        Fifo("pipe.png");
        Directory.CreateSymbolicLink(folder.File("circle"), folder.Path);
        File.CreateSymbolicLink(folder.File("nothing"), folder.File("absent"));
        var listing = ImageListing.Of(folder.Path);
        Assert.Equal(["a.png"], Names(listing.Images));
        Assert.Equal(
            [
                "._a.png is hidden (its name begins with a point)",
                ".git/b lies in a hidden folder",
                ".hidden.png is hidden (its name begins with a point)",
                ".ipynb_checkpoints/a.png lies in a hidden folder",
                "BMW.txt is not an image",
                "Thumbs.db is not an image",
                "__MACOSX/a.png lies in __MACOSX",
                "circle is a link to a folder",
                "notes.txt is not an image",
                "nothing is not an image",
                "pipe.png is a pipe (FIFO)",
            ],
            listing.Others.Select(file => $"{Path.GetRelativePath(folder.Path, file.Path)} {file.Reason}"));
    }

    // A note beside an image belongs to it; a picture that could not be recognised, or another file of its name, is said to be left out.
    [Theory]
    [InlineData("a.txt", true)]
    [InlineData("a.TXT", true)]
    [InlineData("a.json", true)]
    [InlineData("a.caption", true)]
    [InlineData("a.xmp", true)]
    [InlineData("a.ppm", false)]
    [InlineData("a.svg", false)]
    [InlineData("a.pdf", false)]
    [InlineData("a.webm", false)]
    [InlineData("a.parquet", false)]
    [InlineData("a", false)]
    [InlineData("a.png.bak", false)]
    [InlineData("b.txt", false)]
    [InlineData("sub/a.txt", false)]
    public void Of_FileBesideAnImage_IsNamedUnlessItIsANote(string name, bool isNote)
    {
        Put("rgb.png", "a.png", "sub/c.png");
        Write(name, "P3 1 1 255 1 2 3");
        Assert.Equal(isNote ? [] : [name], Names(ImageListing.Of(folder.Path).Others.Select(file => file.Path)));
    }

    [Fact]
    public void Of_LinkToAnImage_IsAnImage()
    {
        Put("rgb.png", "a.png");
        File.CreateSymbolicLink(folder.File("b"), folder.File("a.png"));
        File.CreateSymbolicLink(folder.File("gone.jpg"), folder.File("absent.jpg"));
        // the last is found to lead nowhere when it is read
        Assert.Equal(["a.png", "b", "gone.jpg"], Names(ImageListing.Of(folder.Path).Images));
    }

    public void Dispose() => folder.Dispose();

    private IEnumerable<string> Names(IEnumerable<string> paths) => paths.Select(path => Path.GetRelativePath(folder.Path, path));

    private void Put(string image, params string[] names)
    {
        foreach (string name in names)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(folder.File(name))!);
            File.WriteAllBytes(folder.File(name), PillowFixture.Bytes(image));
        }
    }

    private void Write(string name, string text) => File.WriteAllText(folder.File(name), text);

    private void Fifo(string name)
    {
        using var made = Process.Start("mkfifo", [folder.File(name)]);
        made.WaitForExit();
    }
}
