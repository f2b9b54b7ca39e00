using ClipDistributed.Contracts.Files;

namespace ClipDistributed.Contracts.Tests.Files;

public sealed class GuardedFileTests : IDisposable
{
    private const string Secret = "not yours";

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Open_SymbolicLink_IsRefusedAndItsTargetStays()
    {
        string target = folder.File("passwd"), link = folder.File("metrics.jsonl");
        File.WriteAllText(target, Secret);
        File.CreateSymbolicLink(link, target);
        Assert.Contains("is a symbolic link", Assert.Throws<IOException>(() => GuardedFile.Open(link)).Message, StringComparison.Ordinal);
        Assert.Throws<IOException>(() => GuardedFile.Lock(link));
        Assert.Throws<IOException>(() => GuardedFile.CreateNew(link));
        Assert.Equal(Secret, File.ReadAllText(target));
    }

    [Fact]
    public void Open_LinkToNothing_MakesNothing()
    {
        string target = folder.File("nologin"), link = folder.File(".lock");
        File.CreateSymbolicLink(link, target);
        Assert.Throws<IOException>(() => GuardedFile.Lock(link));
        Assert.Throws<IOException>(() => GuardedFile.CreateNew(link));
        Assert.False(File.Exists(target));
    }

    [Fact]
    public void Open_HardLink_IsRefusedAndItsOtherNameStays()
    {
        string target = folder.File("passwd"), link = folder.File("coordinator.jsonl");
        File.WriteAllText(target, Secret);
        SpecialFiles.HardLink(target, link);
        Assert.Contains(
            "is one of 2 names of a file",
            Assert.Throws<IOException>(() => GuardedFile.Open(link)).Message,
            StringComparison.Ordinal
        );
        Assert.Throws<IOException>(() => GuardedFile.Lock(link));
        Assert.Equal(Secret, File.ReadAllText(target));
        DurableFile.WriteAllText(link, "state"); // replaces the name, not the file
        Assert.Equal(Secret, File.ReadAllText(target));
        GuardedFile.Open(link).Dispose();
    }

    [Fact]
    public void Open_Device_IsRefused() =>
        Assert.Contains(
            "is not a plain file",
            Assert.Throws<IOException>(() => GuardedFile.Open("/dev/null")).Message,
            StringComparison.Ordinal
        );

    [Fact]
    public void Open_Pipe_IsRefusedAtOnce()
    {
        string pipe = folder.File("pipe");
        SpecialFiles.MakeFifo(pipe);
        Assert.Contains("is not a plain file", Assert.Throws<IOException>(() => GuardedFile.Open(pipe)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Open_NoSuchFile_IsMadeWithItsMode(bool isPrivate)
    {
        string file = folder.File("new"), usual = folder.File("usual");
        using (var made = GuardedFile.Open(file, isPrivate))
            made.WriteByte(1);
        File.WriteAllText(usual, "");
        Assert.Equal(isPrivate ? GuardedFile.OwnerOnly : File.GetUnixFileMode(usual), File.GetUnixFileMode(file));
        Assert.Equal(1, new FileInfo(file).Length);
    }

    [Fact]
    public void OpenPartial_LeftByAKilledProcess_BeginsEmptyAndIsHeld()
    {
        string partial = folder.File("a.parquet.partial");
        File.WriteAllText(partial, Secret);
        using var file = GuardedFile.OpenPartial(partial);
        Assert.Equal(0, new FileInfo(partial).Length);
        Assert.Contains(
            "is being written by another process",
            Assert.Throws<IOException>(() => GuardedFile.OpenPartial(partial)).Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void OpenPartial_SymbolicLink_IsRefusedAndItsTargetStays()
    {
        string target = folder.File("passwd"), link = folder.File("b.parquet.partial");
        File.WriteAllText(target, Secret);
        File.CreateSymbolicLink(link, target);
        Assert.Throws<IOException>(() => GuardedFile.OpenPartial(link));
        Assert.Equal(Secret, File.ReadAllText(target));
    }

    [Fact]
    public void Lock_HeldByAnother_IsRefusedUntilThatEnds()
    {
        string file = folder.File(".lock");
        using (GuardedFile.Lock(file))
            Assert.Equal(GuardedFile.Locked, Assert.Throws<IOException>(() => GuardedFile.Lock(file)).HResult);
        GuardedFile.Lock(file).Dispose();
    }

    [Fact]
    public void Lock_HeldForLessThanItsPatience_IsTaken()
    {
        string file = folder.File(".lock");
        var holder = GuardedFile.Lock(file);
        FileStream? taken = null;
        var thread = new Thread(() => taken = GuardedFile.Lock(file, patience: TimeSpan.FromMinutes(1)));
        thread.Start();
        SpinWait.SpinUntil(() => thread.ThreadState.HasFlag(System.Threading.ThreadState.WaitSleepJoin)); // it was refused once
        holder.Dispose();
        thread.Join();
        Assert.NotNull(taken);
        taken.Dispose();
    }

    /// <summary>Who waited for it would lock a file that no other process finds by its name.</summary>
    [Fact]
    public void Lock_HolderHasRemovedTheFile_IsThatOfAnother()
    {
        string file = folder.File(".lock");
        var holder = GuardedFile.Lock(file);
        FileStream? taken = null;
        var thread = new Thread(() => taken = GuardedFile.Lock(file, patience: TimeSpan.FromMinutes(1)));
        thread.Start();
        SpinWait.SpinUntil(() => thread.ThreadState.HasFlag(System.Threading.ThreadState.WaitSleepJoin)); // it was refused once
        GuardedFile.RemoveLock(file, holder);
        thread.Join();
        Assert.Equal(GuardedFile.Locked, Assert.Throws<IOException>(() => GuardedFile.Lock(file)).HResult);
        GuardedFile.RemoveLock(file, taken!);
        Assert.Empty(Directory.GetFiles(folder.Path));
    }

    [Fact]
    public void CreateNew_File_IsReadByItsOwnerAlone()
    {
        using var file = GuardedFile.CreateNew(folder.File("new"));
        Assert.Equal(GuardedFile.OwnerOnly, File.GetUnixFileMode(file.Name));
    }
}
