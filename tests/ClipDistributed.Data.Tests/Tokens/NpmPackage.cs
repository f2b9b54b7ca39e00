using System.Diagnostics;

namespace ClipDistributed.Data.Tests.Tokens;

/// <summary>
/// A package of npm, installed once into a folder of the user's cache and found there by later runs. The test that asks for it is
/// skipped, with the reason, where that is not possible.
/// </summary>
internal static class NpmPackage
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    /// <returns>The folder that holds node_modules.</returns>
    public static string Folder(string name, string version)
    {
        string folder = Path.Combine(CacheRoot(), $"{name.Replace('/', '-').TrimStart('@')}-{version}");
        string installed = Path.Combine(folder, "node_modules", name, "package.json");
        if (File.Exists(installed))
            return folder;
        Directory.CreateDirectory(CacheRoot());
        string fresh = Directory.CreateDirectory($"{folder}.{Guid.NewGuid():N}").FullName;
        try
        {
            var (exit, _, errors) = Run(
                "npm",
                fresh,
                "",
                "install",
                "--prefix",
                fresh,
                "--no-save",
                "--ignore-scripts",
                "--no-audit",
                "--no-fund",
                "--fetch-retries=0",
                $"{name}@{version}"
            );
            Assert.SkipWhen(exit != 0, $"npm could not install {name}@{version}: {errors.Split('\n')[0]}");
            Directory.Move(fresh, folder);
        }
        catch (IOException) when (File.Exists(installed))
        {
            // Another test process was first.
        }
        finally
        {
            if (Directory.Exists(fresh))
                Directory.Delete(fresh, recursive: true);
        }
        return folder;
    }

    /// <summary>Runs node or npm, for a minute at most.</summary>
    public static (int Exit, string Output, string Errors) Run(string program, string folder, string input, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = folder, RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true,
        };
        using var process = Started(start);
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        process.StandardInput.Write(input);
        process.StandardInput.Close();
        if (!process.WaitForExit(Patience))
        {
            process.Kill(entireProcessTree: true);
            Assert.Skip($"{program} {arguments[0]} did not end within {Patience}");
        }
        return (process.ExitCode, output.GetAwaiter().GetResult(), errors.GetAwaiter().GetResult());
    }

    private static Process Started(ProcessStartInfo start)
    {
        try
        {
            return Process.Start(start)!;
        }
        catch (System.ComponentModel.Win32Exception missing)
        {
            Assert.Skip($"{start.FileName} is missing here ({missing.Message})");
            throw;
        }
    }

    private static string CacheRoot() =>
        Path.Combine(
            Environment.GetEnvironmentVariable("XDG_CACHE_HOME") is { Length: > 0 } cache
                ? cache
                : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache"),
            "clipd-tests"
        );
}
