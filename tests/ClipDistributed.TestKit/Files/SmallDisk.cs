using System.Diagnostics;

namespace ClipDistributed.TestKit.Files;

/// <summary>A file system of its own in memory: it can be full, or read-only even for root. Skips where this machine allows no
/// mounts.</summary>
public sealed class SmallDisk : IDisposable
{
    private readonly string folder;

    /// <param name="folder">Made, and empty.</param>
    /// <param name="size">As mount has it: 200k, 3m.</param>
    public SmallDisk(string folder, string size)
    {
        this.folder = folder;
        Directory.CreateDirectory(folder);
        string? denied = Try("mount", "-t", "tmpfs", "-o", $"size={size}", "none", folder);
        Assert.SkipUnless(denied is null, $"file systems cannot be mounted here ({denied})");
    }

    /// <summary>What is on it stays.</summary>
    public void Grow(string size) => Run("mount", "-o", $"remount,size={size}", folder);

    /// <summary>Nothing more finds room there.</summary>
    public void Fill()
    {
        using var file = new FileStream(Path.Combine(folder, "filling"), FileMode.Append, FileAccess.Write, FileShare.Read, bufferSize: 0);
        Assert.Throws<IOException>(() =>
        {
            for (int i = 0; i < 100_000; i++)
                file.Write(new byte[512]);
        });
    }

    public void MakeReadOnly() => Run("mount", "-o", "remount,ro", folder);

    public void Dispose() => Run("umount", "--lazy", folder);

    private static void Run(params string[] command)
    {
        if (Try(command) is { } error)
            throw new InvalidOperationException($"{string.Join(' ', command)}: {error}");
    }

    private static string? Try(params string[] command)
    {
        using var process = Process.Start(new ProcessStartInfo(command[0], command[1..]) { RedirectStandardError = true })!;
        string errors = process.StandardError.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0 ? null : errors.Trim();
    }
}
