using ClipDistributed.TestKit.Processes;

namespace ClipDistributed.Cli.Tests.Commands;

/// <summary>Folders that <c>--libtorch</c> names and that cannot be used: one line, before anything is loaded.</summary>
public sealed class LibTorchOptionTests(TrainedDemo demo)
{
    [Fact]
    public void Train_FolderWithoutLibTorch_SaysWhatBelongsThere() =>
        AssertRefused("data", $"error: {demo.Path("data")} has no libtorch_cpu.so. Give the folder");

    /// <summary>As with another version: symbols are absent, and a process that loads it may end at once.</summary>
    [Fact]
    public void Train_LibraryThatLacksSymbols_SaysHowMany()
    {
        string other = demo.Path("other-torch", "libtorch_cpu.so");
        Directory.CreateDirectory(Path.GetDirectoryName(other)!);
        File.Copy(RepositoryFolder.File("bin", "lib", "clipd-replica", "libclipd_mkl.so"), other);
        AssertRefused("other-torch", $"error: {demo.Path("other-torch")} cannot be used: its libtorch lacks 1,");
    }

    private void AssertRefused(string folder, string expected)
    {
        var result = Clipd.Run(demo.Folder, "train", "spec.yaml", "--set", $"run_directory={folder}-run", "--libtorch", folder);
        Assert.Equal(2, result.ExitCode);
        Assert.StartsWith(expected, Assert.Single(result.ErrorLines), StringComparison.Ordinal);
    }
}
