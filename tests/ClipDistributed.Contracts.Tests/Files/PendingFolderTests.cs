using ClipDistributed.Contracts.Files;

namespace ClipDistributed.Contracts.Tests.Files;

public sealed class PendingFolderTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("clipd-test-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Complete_Files_AppearAndNothingElseDoes(bool exists)
    {
        string target = Path.Combine(folder, "deep", "model");
        if (exists)
            Directory.CreateDirectory(target);
        using (var pending = PendingFolder.Create(target))
        {
            File.WriteAllText(Path.Combine(pending.Path, "a"), "1");
            Assert.False(File.Exists(Path.Combine(target, "a")));
            pending.Complete();
        }
        Assert.Equal([Path.Combine(target, "a")], Directory.EnumerateFileSystemEntries(target));
        Assert.Equal([target], Directory.EnumerateFileSystemEntries(Path.Combine(folder, "deep")));
        var others = UnixFileMode.OtherRead | UnixFileMode.OtherExecute;
        Assert.Equal(others, File.GetUnixFileMode(target) & others);
    }

    [Fact]
    public void Dispose_WithoutCompletion_LeavesNothing()
    {
        using (var pending = PendingFolder.Create(Path.Combine(folder, "model")))
            File.WriteAllText(Path.Combine(pending.Path, "a"), "1");
        Assert.Empty(Directory.EnumerateFileSystemEntries(folder));
    }

    [Fact]
    public void DiscardAll_WhatIsIncomplete_IsGone()
    {
        string file = Path.Combine(folder, "a.partial"), other = Path.Combine(folder, "b");
        using var pending = PendingOutput.Create(file, () => File.WriteAllText(file, "1"));
        PendingOutput.Create(other, () => File.WriteAllText(other, "1")).Dispose();
        File.WriteAllText(other, "2");
        using var model = PendingFolder.Create(Path.Combine(folder, "model"));
        PendingOutput.DiscardAll(() => Assert.Equal([other], Directory.EnumerateFileSystemEntries(folder)));
    }

    [Fact]
    public void DiscardAll_WhileAnotherThreadMakesOne_IsGoneToo()
    {
        string file = Path.Combine(folder, "a.partial");
        using ManualResetEventSlim made = new(), discarded = new();
        var maker = new Thread(() => PendingOutput.Create(file, () =>
        {
            File.WriteAllText(file, "1");
            made.Set();
            _ = discarded.Wait(TimeSpan.FromSeconds(0.3)); // time for the other thread, which has to wait for the end of this
        }));
        maker.Start();
        made.Wait(TestContext.Current.CancellationToken);
        string[] left = [file];
        PendingOutput.DiscardAll(() =>
        {
            left = Directory.GetFileSystemEntries(folder);
            discarded.Set();
        });
        maker.Join();
        Assert.Empty(left);
    }
}
