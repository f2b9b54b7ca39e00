using ClipDistributed.Contracts.Files;

namespace ClipDistributed.Contracts.Tests.Files;

public sealed class DurableFileTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("run.json")]
    [InlineData("run.json.tmp")] // temporary names of former versions
    [InlineData("run.json.partial")]
    public void WriteAllText_PlantedLink_LeavesItsTargetAsItWas(string planted)
    {
        string target = folder.File("passwd");
        File.WriteAllText(target, "not yours");
        File.CreateSymbolicLink(folder.File(planted), target);
        DurableFile.WriteAllText(folder.File("run.json"), "new");
        Assert.Equal("not yours", File.ReadAllText(target));
        Assert.Equal("new", File.ReadAllText(folder.File("run.json")));
        Assert.Null(new FileInfo(folder.File("run.json")).LinkTarget);
    }

    [Fact]
    public void Write_WhileItIsWritten_OwnerAloneReadsItUnderAnUnforeseenName()
    {
        var names = new HashSet<string>();
        for (int time = 0; time < 2; time++)
        {
            DurableFile.Write(folder.File("run.json"), _ =>
            {
                string temporary = Directory.GetFiles(folder.Path, "run.json.*.tmp").Single();
                Assert.True(names.Add(temporary));
                Assert.Equal(GuardedFile.OwnerOnly, File.GetUnixFileMode(temporary));
            });
        }
        File.WriteAllText(folder.File("usual"), "");
        Assert.Equal(File.GetUnixFileMode(folder.File("usual")), File.GetUnixFileMode(folder.File("run.json")));
    }

    [Fact]
    public void Write_ThatFails_LeavesTheOldFileAndNothingElse()
    {
        DurableFile.WriteAllText(folder.File("run.json"), "old");
        Assert.Throws<IOException>(() => DurableFile.Write(folder.File("run.json"), _ => throw new IOException("the disk is full")));
        Assert.Equal("old", File.ReadAllText(folder.File("run.json")));
        Assert.Single(Directory.GetFiles(folder.Path));
    }

    [Fact]
    public void MoveFolder_OfItsOwnerAlone_IsOpenAfterwards()
    {
        string from = folder.File("attempt/.tmp"), to = folder.File("attempt/step"), usual = folder.File("usual");
        Directory.CreateDirectory(from, GuardedFile.OwnerOnlyFolder);
        Directory.CreateDirectory(usual);
        DurableFile.MoveFolder(from, to);
        Assert.Equal(File.GetUnixFileMode(usual), File.GetUnixFileMode(to));
        Assert.Equal(File.GetUnixFileMode(usual), File.GetUnixFileMode(folder.File("attempt")));
    }
}
