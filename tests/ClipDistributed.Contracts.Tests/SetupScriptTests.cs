using System.Diagnostics;
using System.Runtime.Versioning;

namespace ClipDistributed.Contracts.Tests;

/// <summary>eng/setup.sh on a machine whose package tools are stand-ins that write down how they were called.</summary>
[SupportedOSPlatform("linux")]
public sealed class SetupScriptTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("setup-").FullName;

    public SetupScriptTests()
    {
        Command("dotnet", "echo '8.0.100 [/usr/share/dotnet/sdk]'");
        Command("sudo", "\"$@\"");
        Command("apt-get", $"echo \"$1\" >> {folder}/calls; echo \"$*\" >> {folder}/lines");
        // As apt-cache with empty lists: it knows a package only after an update.
        Command("apt-cache", $"grep -qx update {folder}/calls");
    }

    [Fact]
    public void Setup_EmptyPackageLists_UpdatesThemBeforeItAsksForTheSdk()
    {
        var (exitCode, output) = Run();
        Assert.Equal(0, exitCode);
        Assert.Contains("the package lists are updated", output, StringComparison.Ordinal);
        Assert.Equal(["update", "install"], File.ReadAllLines(Path.Combine(folder, "calls")));
        Assert.Contains("dotnet-sdk-10.0", File.ReadAllLines(Path.Combine(folder, "lines"))[1], StringComparison.Ordinal);
    }

    [Fact]
    public void Setup_SdkNotOffered_SaysHowToInstallIt()
    {
        Command("apt-cache", "exit 100");
        var (exitCode, output) = Run();
        Assert.Equal(1, exitCode);
        Assert.Contains("dotnet-install.sh --channel 10.0", output, StringComparison.Ordinal);
        Assert.Equal(["update"], File.ReadAllLines(Path.Combine(folder, "calls")));
    }

    [Fact]
    public void Setup_NativePackagesMissing_InstallsThemAndSaysWhy()
    {
        // A PATH without a compiler: what the script calls, and no more.
        foreach (string tool in new[] { "bash", "grep", "id" })
            File.CreateSymbolicLink(Path.Combine(folder, tool), $"/usr/bin/{tool}");
        Command("dotnet", "echo '10.0.100 [/usr/share/dotnet/sdk]'");
        var (exitCode, output) = Run(folder);
        Assert.Equal(0, exitCode);
        Assert.Contains("g++: compiles the small library between C# and Gloo", output, StringComparison.Ordinal);
        Assert.Contains(" g++", File.ReadAllLines(Path.Combine(folder, "lines"))[^1], StringComparison.Ordinal);
    }

    [Fact]
    public void Setup_GlooHeadersMissing_InstallsThemAndSaysWhy()
    {
        string script = File.ReadAllText(RepositoryFolder.File("eng", "setup.sh"));
        string moved = Path.Combine(folder, "setup.sh");
        File.WriteAllText(moved, script.Replace("/usr/include/gloo/", $"{folder}/include/gloo/", StringComparison.Ordinal));
        var (exitCode, output) = Run(script: moved);
        Assert.Equal(0, exitCode);
        Assert.Contains("libgloo-dev: Gloo joins the replicas of a run on CPUs", output, StringComparison.Ordinal);
        Assert.Contains("libgloo-dev", File.ReadAllLines(Path.Combine(folder, "lines"))[^1], StringComparison.Ordinal);
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);

    private void Command(string name, string body)
    {
        string path = Path.Combine(folder, name);
        File.WriteAllText(path, $"#!/bin/bash\n{body}\n");
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    private (int ExitCode, string Output) Run(string? path = null, string? script = null)
    {
        var start = new ProcessStartInfo(
            "/bin/bash", ["-c", "exec /bin/bash \"$0\" 2>&1", script ?? RepositoryFolder.File("eng", "setup.sh")])
        {
            RedirectStandardOutput = true,
        };
        start.Environment["PATH"] = path ?? $"{folder}:/usr/bin:/bin";
        using var process = Process.Start(start)!;
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output);
    }
}
