using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Files;
using ClipDistributed.Contracts.Runs;
using ClipDistributed.Data.Preparation;
using CsCheck;

namespace ClipDistributed.Data.Tests.Preparation;

public sealed class RunDirectoryLockTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly RunDirectory directory;

    public RunDirectoryLockTests() => directory = new RunDirectory(folder.Path);

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Take_HeldByAnotherProcess_IsRefused()
    {
        using var held = RunDirectoryLock.Take(directory);
        Refused(null);
        Refused(new WriterClaim("demo-1", 9, 9));
        held.ThrowIfSuperseded();
    }

    [Fact]
    public void Take_FilesThatAKilledProcessWasWriting_AreRemovedOnceTheyAreOld()
    {
        string old = GuardedFile.TemporaryName(directory.Info),
            young = GuardedFile.TemporaryName(directory.Info),
            other = folder.File("notes.tmp");
        foreach (string file in (string[])[old, young, other])
            File.WriteAllText(file, "half");
        foreach (string file in (string[])[old, other])
            File.SetLastWriteTimeUtc(file, DateTime.UtcNow - TimeSpan.FromHours(2));
        RunDirectoryLock.Take(directory).Dispose();
        Assert.Equal((false, true, true), (File.Exists(old), File.Exists(young), File.Exists(other)));
    }

    [Fact]
    public void Take_HeldByTheSameRun_IsRefusedUnlessLater()
    {
        using var held = Take(new WriterClaim("demo-1", 3, 7));
        Refused(null);
        Refused(new WriterClaim("demo-1", 3, 7));
        Refused(new WriterClaim("demo-1", 2, 8));
        Refused(new WriterClaim("demo-2", 4, 8));
        held.ThrowIfSuperseded();

        using var later = Take(new WriterClaim("demo-1", 4, 2));
        later.ThrowIfSuperseded();
        Assert.Contains(
            "is written by a later generation of this run now (demo-1 4 2)",
            Assert.Throws<DirectorySupersededException>(held.ThrowIfSuperseded).Message,
            StringComparison.Ordinal
        );
        Refused(new WriterClaim("demo-1", 3, 7)); // it has lost it for good
        held.Dispose();
        later.ThrowIfSuperseded();
    }

    [Fact]
    public void Take_ItsHolderIsGone_NeedsNoBetterClaim()
    {
        Take(new WriterClaim("demo-1", 3, 7)).Dispose();
        using var taken = RunDirectoryLock.Take(directory);
        taken.ThrowIfSuperseded();
    }

    [Fact]
    public void ThrowIfSuperseded_WriterFileOfATerabyte_IsOneLineAndTheNextTakesIt()
    {
        using (var held = RunDirectoryLock.Take(directory))
        {
            SpecialFiles.Stretch(directory.Writer, 1L << 40);
            string said = Assert.Throws<DirectorySupersededException>(held.ThrowIfSuperseded).Message;
            Assert.StartsWith($"{directory.Writer} does not say any more that this process writes", said, StringComparison.Ordinal);
            Assert.DoesNotContain('\n', said);
        }
        using var next = RunDirectoryLock.Take(directory);
        next.ThrowIfSuperseded();
        Assert.InRange(new FileInfo(directory.Writer).Length, 1, 4096);
    }

    [Theory]
    [InlineData("fifo")]
    [InlineData("folder")]
    [InlineData("link to a device")]
    [InlineData("hard link")]
    public void Take_WriterFileThatIsNone_IsOneLineThatNamesIt(string kind)
    {
        string other = folder.File("other");
        File.WriteAllText(other, "mine");
        Put();
        string said = Assert.Single(Assert.Throws<BadInputException>(() => RunDirectoryLock.Take(directory)).Errors);
        Assert.Contains(directory.Writer, said, StringComparison.Ordinal);
        Assert.Equal("mine", File.ReadAllText(other));
        Remove();

        using var held = RunDirectoryLock.Take(directory);
        File.Delete(directory.Writer);
        Put();
        said = Assert.ThrowsAny<IOException>(held.ThrowIfSuperseded).Message;
        Assert.StartsWith(directory.Writer, said, StringComparison.Ordinal);
        Assert.Equal(2, said.Split(directory.Writer).Length);
        Remove();

        void Put()
        {
            switch (kind)
            {
                case "fifo":
                    SpecialFiles.MakeFifo(directory.Writer);
                    break;
                case "folder":
                    Directory.CreateDirectory(directory.Writer);
                    break;
                case "hard link":
                    SpecialFiles.HardLink(other, directory.Writer);
                    break;
                default:
                    File.CreateSymbolicLink(directory.Writer, "/dev/zero");
                    break;
            }
        }

        void Remove()
        {
            if (kind == "folder")
                Directory.Delete(directory.Writer);
            else
                File.Delete(directory.Writer);
        }
    }

    /// <summary>Two read a checkpoint for the same generation, and the first of them is to write in it.</summary>
    [Fact]
    public void Renew_TakenOverMeanwhile_TakesItBack()
    {
        using var first = Take(new WriterClaim("demo-1", 0, 1));
        using var second = Take(new WriterClaim("demo-1", 0, 6));
        using var renewed = first.Renew(Patience, new WriterClaim("demo-1", 1, 1));
        renewed.ThrowIfSuperseded();
        Assert.Throws<DirectorySupersededException>(second.ThrowIfSuperseded);
    }

    /// <summary>Whichever process tries, whichever lives on: one alone may write, and no earlier one than the latest.</summary>
    [Fact]
    public void Take_ByMany_OneMayWrite() =>
        Gen.Select(Gen.Long[1, 4], Gen.Long[1, 4], Gen.Bool).Array[1, 12].Sample(tries =>
        {
            using var fresh = new TemporaryFolder();
            var run = new RunDirectory(fresh.Path);
            var held = new List<(RunDirectoryLock Lock, WriterClaim Claim)>();
            foreach (var (generation, replica, ends) in tries)
            {
                var claim = new WriterClaim("demo-1", generation, replica);
                try
                {
                    held.Add((RunDirectoryLock.Take(run, Patience, claim), claim));
                }
                catch (BadInputException)
                {
                    Assert.False(claim.Supersedes(held[^1].Claim));
                }
                Assert.Equal([held[^1].Claim], held.Where(one => MayWrite(one.Lock)).Select(one => one.Claim));
                if (!ends)
                    continue;
                held.ForEach(one => one.Lock.Dispose());
                held.Clear();
                held.Add((RunDirectoryLock.Take(run, Patience, claim), claim));
            }
            held.ForEach(one => one.Lock.Dispose());
        }, iter: 30);

    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(1);

    private static bool MayWrite(RunDirectoryLock held)
    {
        try
        {
            held.ThrowIfSuperseded();
            return true;
        }
        catch (IOException)
        {
            return false;
        }
    }

    private RunDirectoryLock Take(WriterClaim claim) => RunDirectoryLock.Take(directory, Patience, claim);

    private void Refused(WriterClaim? claim) =>
        Assert.Equal($"run_directory {directory.Root} is in use by another process; wait for it, stop it, or choose another run_directory.",
            Assert.Throws<BadInputException>(() => RunDirectoryLock.Take(directory, Patience, claim)).Errors[0]);
}
