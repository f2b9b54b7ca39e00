using System.Diagnostics;
using ClipDistributed.Contracts.Files;

namespace ClipDistributed.Contracts.Tests.Files;

public sealed class FileBeneathTests : IDisposable
{
    private readonly TemporaryFolder outside = new();
    private readonly TemporaryFolder folder = new();
    private readonly string root;

    public FileBeneathTests()
    {
        root = folder.File("root");
        Directory.CreateDirectory(Path.Combine(root, "a", "b"));
        File.WriteAllText(Path.Combine(root, "a", "b", "file"), "good");
        File.WriteAllText(folder.File("secret"), "secret");
        File.WriteAllText(outside.File("secret"), "secret");
    }

    [Fact]
    public void OpenToRead_FileInFolders_IsThatFile() => Assert.Equal("good", Read("a", "b", "file"));

    [Fact]
    public void OpenToRead_LinkToTheRoot_IsFollowed()
    {
        Directory.CreateSymbolicLink(folder.File("link"), root);
        using var file = FileBeneath.OpenToRead(folder.File("link"), ["a", "b", "file"]);
        Assert.NotNull(file);
    }

    [Theory]
    [InlineData("..", "secret")]
    [InlineData("a", "..", "..", "secret")]
    [InlineData("../secret")]
    [InlineData("a", "b")]
    [InlineData("a", "", "file")]
    [InlineData("a", ".", "b", "file")]
    [InlineData("a", "b", "file", "more")]
    [InlineData("a", "b", "file\0")]
    [InlineData("missing")]
    [InlineData]
    public void OpenToRead_WhatIsNoFileBeneath_IsNull(params string[] names) => Assert.Null(Read(names));

    [Fact]
    public void OpenToRead_LinkOnTheWay_IsNull()
    {
        Directory.CreateSymbolicLink(Path.Combine(root, "out"), outside.Path);
        File.CreateSymbolicLink(Path.Combine(root, "link"), outside.File("secret"));
        Assert.Null(Read("out", "secret"));
        Assert.Null(Read("link"));
    }

    [Fact]
    public void OpenToRead_Pipe_IsNullAtOnce()
    {
        using var made = Process.Start("mkfifo", [Path.Combine(root, "pipe")]);
        made.WaitForExit();
        Assert.Null(Read("pipe"));
    }

    public void Dispose()
    {
        folder.Dispose();
        outside.Dispose();
    }

    private string? Read(params string[] names)
    {
        using var file = FileBeneath.OpenToRead(root, names);
        return file is null ? null : new StreamReader(file).ReadToEnd();
    }
}
