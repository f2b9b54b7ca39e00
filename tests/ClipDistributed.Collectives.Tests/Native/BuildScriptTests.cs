using System.Diagnostics;
using System.Runtime.Versioning;

namespace ClipDistributed.Collectives.Tests.Native;

/// <summary>native/build.sh where its compiler or Gloo's headers are not.</summary>
[SupportedOSPlatform("linux")]
public sealed class BuildScriptTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("build-").FullName;

    [Fact]
    public void Build_CompilerMissing_NamesThePackage()
    {
        File.CreateSymbolicLink(Path.Combine(folder, "dirname"), "/usr/bin/dirname");
        Assert.Equal("libclipd_gloo.so : error CLIPD001: g++ is missing; install it: apt-get install g++", Run(folder));
    }

    [Fact]
    public void Build_HeadersMissing_NamesThePackage()
    {
        string compiler = Path.Combine(folder, "g++");
        File.WriteAllText(compiler, "#!/bin/bash\nexit 1\n");
        File.SetUnixFileMode(compiler, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        Assert.Equal(
            "libclipd_gloo.so : error CLIPD002: Gloo's headers are missing; install them: apt-get install libgloo-dev",
            Run($"{folder}:/usr/bin:/bin")
        );
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);

    private string Run(string path)
    {
        string script = RepositoryFolder.File("src/ClipDistributed.Collectives/native/build.sh");
        var start = new ProcessStartInfo("/bin/bash", [script, Path.Combine(folder, "library.so")]) { RedirectStandardOutput = true };
        start.Environment["PATH"] = path;
        using var process = Process.Start(start)!;
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.Equal(1, process.ExitCode);
        Assert.False(File.Exists(Path.Combine(folder, "library.so")));
        return output.TrimEnd();
    }
}
