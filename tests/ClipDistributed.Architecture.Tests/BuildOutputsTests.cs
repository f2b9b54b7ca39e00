using System.Diagnostics;
using ClipDistributed.TestKit.Files;

namespace ClipDistributed.Architecture.Tests;

/// <summary>
/// The compiler writes into the file that is there. Were it linked to from bin/, a program that trains would go on with pages of another
/// build: with other code, or silently with other numbers.
/// </summary>
public sealed class BuildOutputsTests
{
    private const string Ours = "ClipDistributed.*.dll";

    [Fact]
    public void Programs_WhileTheyAreBuiltAgain_KeepTheirFiles()
    {
        var compiled = Inodes(Directory.EnumerateDirectories(RepositoryFolder.File("src"))
            .Select(project => Path.Combine(project, "obj")).Where(Directory.Exists)
            .SelectMany(folder => Directory.EnumerateFiles(folder, Ours, SearchOption.AllDirectories)));
        var programs = Inodes(Directory.EnumerateFiles(RepositoryFolder.File("bin"), Ours, SearchOption.AllDirectories));
        Assert.NotEmpty(compiled);
        Assert.NotEmpty(programs);
        Assert.True(!compiled.Overlaps(programs), "bin/ links to what the compiler writes; if an older build left that: make clean build");
    }

    private static HashSet<string> Inodes(IEnumerable<string> files)
    {
        var start = new ProcessStartInfo("stat", ["-c", "%d:%i", .. files]) { RedirectStandardOutput = true };
        using var process = Process.Start(start)!;
        string found = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return [.. found.Split('\n', StringSplitOptions.RemoveEmptyEntries)];
    }
}
