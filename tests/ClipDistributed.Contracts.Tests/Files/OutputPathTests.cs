using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Files;

namespace ClipDistributed.Contracts.Tests.Files;

public sealed class OutputPathTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("clipd-test-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Theory]
    [InlineData("/proc", "the folder /proc takes no new files")]
    [InlineData("/sys", "the folder /sys takes no new files")]
    [InlineData("/proc/self/fd", "the folder /proc/self/fd takes no new files")]
    public void Check_FolderThatTakesNoFiles_IsRefused(string path, string expected)
    {
        Assert.StartsWith(
            $"--out: {expected}",
            Refused(() => OutputPath.CheckFile($"{path}/x", "--out", replaces: false)),
            StringComparison.Ordinal
        );
        Assert.StartsWith(
            $"--out: {expected}",
            Refused(() => OutputPath.CheckFolder($"{path}/x/y", "--out", empty: true)),
            StringComparison.Ordinal
        );
        Assert.StartsWith(
            $"run_directory {path}/x cannot be written: {expected}",
            Refused(() => OutputPath.CheckRunDirectory($"{path}/x")),
            StringComparison.Ordinal
        );
    }

    [Theory]
    [InlineData("/dev/full", "is a device")]
    [InlineData("/dev/null", "is a device")]
    public void Check_Device_IsRefused(string path, string expected)
    {
        Assert.Contains(expected, Refused(() => OutputPath.CheckFile(path, "--out", replaces: true)), StringComparison.Ordinal);
        Assert.Contains(expected, Refused(() => OutputPath.CheckFolder(path, "--out", empty: false)), StringComparison.Ordinal);
    }

    [Fact]
    public void Check_FolderForFileAndFileForFolder_AreRefused()
    {
        string file = Path.Combine(folder, "file");
        File.WriteAllText(file, "");
        Assert.Equal(
            $"--out: {folder} is a folder; name a file in it.",
            Refused(() => OutputPath.CheckFile(folder, "--out", replaces: true, ".png"))
        );
        Assert.Equal($"--out: {file} is a file; name a folder.", Refused(() => OutputPath.CheckFolder(file, "--out", empty: true)));
        Assert.Equal(
            $"--out: {file} exists; name a new file, or remove it.",
            Refused(() => OutputPath.CheckFile(file, "--out", replaces: false))
        );
        Assert.Equal(
            $"--out is {file}; end it with .png or .jpg.",
            Refused(() => OutputPath.CheckFile(file, "--out", replaces: true, ".png", ".jpg"))
        );
    }

    [Fact]
    public void Check_FolderThatTakesFiles_LeavesNothingThere()
    {
        OutputPath.CheckFile(Path.Combine(folder, "a.png"), "--out", replaces: false);
        OutputPath.CheckFolder(Path.Combine(folder, "new", "deep"), "--out", empty: true);
        Assert.Empty(Directory.EnumerateFileSystemEntries(folder));
    }

    private static string Refused(Action check) => Assert.Single(Assert.Throws<BadInputException>(check).Errors);
}
