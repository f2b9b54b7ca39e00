using ClipDistributed.Contracts.Errors;
using ClipDistributed.Model.Native;

namespace ClipDistributed.Model.Tests.Native;

public sealed class LibTorchFolderTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    [Fact]
    public void FindMissingSymbols_LibTorchOfTheBuild_AreNone()
    {
        var own = LibTorchFolder.Open(null);
        Assert.Empty(own.FindMissingSymbols());
        Assert.Matches(@"^2\.\d+\.\d+", own.FindVersion());
    }

    /// <summary>
    /// What lies where the runtime looks by itself (beside the program, or where its deps.json leads) may be loaded beside the libtorch
    /// that a user gives, and two of them register every operator twice.
    /// </summary>
    [Fact]
    public void Path_LibTorchOfTheBuild_IsNotWhereTheRuntimeLooks()
    {
        string looked = (string)AppContext.GetData("NATIVE_DLL_SEARCH_DIRECTORIES")!;
        string[] folders = [.. looked.Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries), AppContext.BaseDirectory];
        Assert.Contains(folders, searched => File.Exists(Path.Combine(searched, "libLibTorchSharp.so"))); // it is looked for there
        var own = LibTorchFolder.Open(null).Libraries.Select(Path.GetFileName).ToList();
        Assert.Contains("libtorch_cpu.so", own);
        Assert.Empty(
            from searched in folders
            from name in own
            where File.Exists(Path.Combine(searched, name!))
            select Path.Combine(searched, name!));
    }

    [Fact]
    public void FindMissingSymbols_OneLibraryIsAbsent_AreWhatItDefines()
    {
        foreach (string name in new[] { "libtorch_cpu.so", "libtorch.so" })
            File.CreateSymbolicLink(folder.File(name), Path.Combine(LibTorchFolder.Open(null).Path, name));
        var missing = LibTorchFolder.Open(folder.Path).FindMissingSymbols();
        Assert.Contains("_ZN6caffe28TypeMeta13typeMetaDatasEv", missing); // of libc10.so
        Assert.DoesNotContain(missing, name => name.StartsWith("_ZN2at4_ops", StringComparison.Ordinal));
        Assert.Equal(missing.Order(StringComparer.Ordinal), missing);
    }

    [Fact]
    public void Load_LibraryLacksSymbols_IsBadInputThatNamesVersionAndSymbol()
    {
        File.Copy(Path.Combine(AppContext.BaseDirectory, "libclipd_mkl.so"), folder.File("libtorch_cpu.so"));
        File.WriteAllText(folder.File("build-version"), "1.13.1+cpu\n");
        var refused = Assert.Throws<BadInputException>(() => LibTorch.Load(folder.Path, threads: 1));
        Assert.Matches(
            $@"^{folder.Path} cannot be used: libtorch 1\.13\.1\+cpu lacks [0-9,]+ symbols that TorchSharp needs, such as _Z\w+\. Give ",
            refused.Message
        );
    }

    [Fact]
    public void Load_FileIsNoLibrary_IsBadInputThatNamesIt()
    {
        string path = folder.Write("libtorch_cpu.so", "not a library"u8.ToArray());
        var refused = Assert.Throws<BadInputException>(() => LibTorch.Load(folder.Path, threads: 1));
        Assert.StartsWith($"{path} is not a shared library for x86-64. Give ", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("lib/build-version", "2.10.0\n", "2.10.0")]
    [InlineData("build-version", "2.10.0+cu128\n", "2.10.0+cu128")] // as in libtorch's archives
    [InlineData("version.py", "__all__ = ['__version__']\n__version__ = '2.11.0+cu130'\n", "2.11.0+cu130")] // as PyTorch's
    [InlineData("version.py", "debug = False\n", null)]
    [InlineData("build-version", "", null)]
    public void FindVersion_Folder_IsWhatItStates(string file, string content, string? expected)
    {
        string lib = Directory.CreateDirectory(folder.File("lib")).FullName;
        File.WriteAllText(Path.Combine(lib, "libtorch_cpu.so"), "");
        File.WriteAllText(folder.File(file), content);
        Assert.Equal(expected, LibTorchFolder.Open(lib).FindVersion());
    }

    public void Dispose() => folder.Dispose();
}
