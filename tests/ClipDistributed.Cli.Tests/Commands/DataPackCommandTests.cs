using ClipDistributed.Cli.Tests.HardInput;
using ClipDistributed.TestKit.Processes;

namespace ClipDistributed.Cli.Tests.Commands;

/// <summary>Packing with lists, and packing that is stopped, as a user runs it.</summary>
public sealed class DataPackCommandTests : IDisposable
{
    private const int Interrupt = 2; // SIGINT
    private const int Many = 600;

    private static readonly string Images = Fixtures.File("preprocess");

    private readonly string folder = Directory.CreateTempSubdirectory("clipd-test-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void Pack_ListThatLosesRows_EndsWithOneUnlessItIsAllowed()
    {
        Copy("rgb_odd.png", "in/a.png");
        Copy("gray.png", "in/sub/b.png");
        File.WriteAllText(At("l.csv"), "filepath\ttitle\na.png\tred, odd\n/nonexistent/elsewhere/b.png\tgrey\n");
        string[] pack = ["data", "pack", "in", "--out", "out", "--captions", "l.csv"];
        var lost = Run(1, pack);
        Assert.Equal("error: 1 row of l.csv is not in the shards", Assert.Single(lost.ErrorLines).Split(';')[0]);
        Assert.Contains("columns filepath and title, separator tab", lost.Output, StringComparison.Ordinal);
        Assert.Contains(
            "1 row of the list and 1 other file left out; all of them are in out/left-out.tsv:\n",
            lost.Output,
            StringComparison.Ordinal
        );
        Assert.Contains(
            "is named in l.csv but does not exist: /nonexistent/elsewhere/b.png (line 3)\n",
            lost.Output,
            StringComparison.Ordinal
        );
        Assert.Contains("is not in l.csv: sub/b.png\n", lost.Output, StringComparison.Ordinal);
        Assert.Equal(3, File.ReadAllLines(At("out/left-out.tsv")).Length);
        Run(1, pack); // nothing is left to do, the rows are lost all the same
        Assert.Contains("nothing was left to do", Run(0, [.. pack, "--allow-missing"]).Output, StringComparison.Ordinal);
        Assert.Contains("2 rows", Run(0, [.. pack, "--match-names", "--overwrite"]).Output, StringComparison.Ordinal);
        Assert.False(File.Exists(At("out/left-out.tsv")));
    }

    [Fact]
    public void Pack_ListForAFolder_HintsAtCaptions()
    {
        File.WriteAllText(At("l.csv"), "file,caption\n");
        Assert.Contains(
            "clipd data pack FOLDER --captions l.csv",
            Assert.Single(Run(2, "data", "pack", "l.csv", "--out", "out").ErrorLines),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Pack_TransparentImages_NamesBackground()
    {
        Copy("rgba.png", "in/clear.png");
        Assert.Contains(
            "1 image is transparent in parts: training drops their alpha",
            Run(0, "data", "pack", "in", "--out", "out").Output,
            StringComparison.Ordinal
        );
        Assert.Contains(
            "laid upon white",
            Run(0, "data", "pack", "in", "--out", "white", "--background", "white").Output,
            StringComparison.Ordinal
        );
        Assert.Contains(
            "the limit is 99 in all",
            Run(2, "data", "pack", "in", "--out", "small", "--max-pixels", "99").Errors,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Pack_Interrupted_SaysWhatIsDone()
    {
        var (clipd, result) = PackUntilSomeAreDone(pack => pack.Signal(Interrupt));
        clipd.Dispose();
        Assert.Equal(130, result.ExitCode);
        Assert.Equal("Stopping …", Assert.Single(result.ErrorLines));
        Assert.Matches(
            @"^Stopped: \d+ rows packed into out \(0 finished shards\), \d+ images to go\. The same command goes on from there\.\n$",
            result.Output
        );
    }

    [Fact]
    public void Pack_Killed_GoesOnWithoutTheImagesItHadDone()
    {
        var (clipd, _) = PackUntilSomeAreDone(pack => pack.Kill());
        clipd.Dispose();
        Assert.Empty(Directory.GetFiles(At("out"), "*.parquet"));
        var rest = Run(0, PackMany);
        Assert.Matches(@$"^{Many} rows in 1 shard \([1-9]\d* of them before\),", rest.Output);
        Run(0, "data", "pack", "in", "--out", "whole", "--captions", "names", "--resize", "16", "--workers", "2");
        Assert.Equal(File.ReadAllBytes(At("whole/shard-00000.parquet")), File.ReadAllBytes(At("out/shard-00000.parquet")));
        Assert.False(File.Exists(At("out/pack.progress")));
    }

    [Fact]
    public void Pack_DiskFull_SaysSoAndGoesOnWhereThereIsRoom()
    {
        PutMany();
        using var disk = new SmallDisk(At("disk"), "100k");
        string[] pack = [.. PackMany[..4], "disk/out", .. PackMany[5..]];
        string said = Assert.Single(Run(1, pack).ErrorLines);
        Assert.StartsWith("error: No space left on device", said, StringComparison.Ordinal);
        Assert.EndsWith("; what was packed into disk/out stays, and the same command goes on from there.", said, StringComparison.Ordinal);
        disk.Grow("20m");
        Assert.Matches(@$"^{Many} rows in 1 shard \([1-9]\d* of them before\),", Run(0, pack).Output);
        Assert.Contains("all sound", Run(0, "data", "verify", "disk/out").Output, StringComparison.Ordinal);
        Assert.Equal(["pack.json", "shard-00000.parquet"], Directory.GetFiles(At("disk/out")).Select(Path.GetFileName).Order());
    }

    private static readonly string[] PackMany =
    [
        "data",
        "pack",
        "in",
        "--out",
        "out",
        "--captions",
        "names",
        "--resize",
        "16",
        "--workers",
        "1",
    ];

    private (Clipd Process, ClipdResult Result) PackUntilSomeAreDone(Action<Clipd> end)
    {
        PutMany();
        var clipd = Clipd.Start(folder, PackMany);
        var progress = new FileInfo(At("out/pack.progress"));
        Assert.True(
            SpinWait.SpinUntil(
                () =>
                {
                    progress.Refresh();
                    return progress is { Exists: true, Length: > 10_000 };
                },
                TimeSpan.FromMinutes(2)
            )
        );
        end(clipd);
        return (clipd, clipd.Finish());
    }

    private void PutMany()
    {
        for (int i = 0; i < Many; i++)
            Copy("rgb_odd.png", $"in/picture {(char)('a' + i / 26)}{(char)('a' + i % 26)}.png");
    }

    private ClipdResult Run(int exitCode, params string[] arguments)
    {
        var result = Clipd.Run(folder, arguments);
        Assert.True(result.ExitCode == exitCode, $"exit code {result.ExitCode}: {result.Output}{result.Errors}");
        Assert.DoesNotContain("   at ", result.Errors, StringComparison.Ordinal);
        return result;
    }

    private void Copy(string fixture, string name)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(At(name))!);
        File.Copy(Path.Combine(Images, fixture), At(name));
    }

    private string At(string name) => Path.Combine(folder, name);
}
