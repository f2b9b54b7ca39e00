using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Contracts.Runs;
using ClipDistributed.TestKit.Processes;
using static ClipDistributed.Cli.Tests.HardInput.CommandEnds;

namespace ClipDistributed.Cli.Tests.HardInput;

/// <summary>Disks that are full or read-only: one clear line, and what was written before stays.</summary>
public sealed class HardDisksTests(TrainedDemo demo)
{
    [Fact]
    public void Train_DiskFull_WaitsWithItsLastCheckpointUntilThereIsRoom()
    {
        using var disk = new SmallDisk(demo.Path("full"), "1500k"); // one checkpoint, not two
        string[] train =
        [
            "train",
            "spec.yaml",
            "--set",
            "run_directory=full/run",
            "--set",
            "evaluate={}",
            "--set",
            "data.validation=[]",
            "--set",
            "samples=1024",
        ];
        using var clipd = Clipd.Start(demo.Folder, train);
        clipd.LineWith("No space left on device");
        clipd.LineWith("5 minutes"); // the last one is tried again for so long

        disk.Grow("100m");
        var done = clipd.Finish();

        Assert.Equal((0, ""), (done.ExitCode, done.Errors));
        Assert.True(Directory.Exists(new RunDirectory(demo.Path("full", "run")).Checkpoint(1, 16)));
        Assert.True(File.Exists(demo.Path("full", "run", "report.html")));
    }

    [Theory]
    [InlineData("data", "pack", "looked", "--out", "tight/shards", "--captions", "names")]
    [InlineData("embed", "--images", "data/train", "--out", "tight/features.parquet")]
    [InlineData("embed", "--images", "data/train", "--out", "tight/features.safetensors")]
    [InlineData("data", "shapes", "tight/shapes", "--train", "1000", "--validation", "192", "--size", "32")]
    public void AnyWriter_DiskFull_SaysSoAndLeavesNothingHalf(params string[] arguments)
    {
        HardImage.WriteTo(demo.Path("looked"));
        using var disk = new SmallDisk(demo.Path("tight"), "12k");
        var done = arguments[0] == "embed" ? demo.Run(arguments) : Clipd.Run(demo.Folder, arguments);
        Assert.Equal(1, done.ExitCode);
        Assert.Contains("No space left on device", Assert.Single(done.ErrorLines), StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(demo.Path("tight"), "*.parquet*", SearchOption.AllDirectories));
        Assert.Empty(Directory.GetFiles(demo.Path("tight"), "*.safetensors", SearchOption.AllDirectories));
    }

    [Fact]
    public void AnyWriter_ReadOnlyDisk_SaysSoAndChangesNothing()
    {
        using var disk = new SmallDisk(demo.Path("fixed"), "50m");
        string[] train =
        [
            "train",
            "spec.yaml",
            "--set",
            "run_directory=fixed/run",
            "--set",
            "evaluate={}",
            "--set",
            "data.validation=[]",
            "--set",
            "samples=384",
        ];
        AssertClear(Clipd.Run(demo.Folder, train), exitCode: 0);
        disk.MakeReadOnly();
        string[] before = Listing();

        AssertRefused(Clipd.Run(demo.Folder, [.. train, "--resume"]), "run_directory", "cannot be written", "Read-only file system");
        AssertRefused(
            Clipd.Run(demo.Folder, "train", "spec.yaml", "--set", "run_directory=fixed/other"),
            "run_directory",
            "cannot be written",
            "a disk that is read-only"
        );
        var packed = Clipd.Run(demo.Folder, "data", "pack", "data", "--out", "fixed/shards", "--captions", "names");
        Assert.NotEqual(0, packed.ExitCode);
        Assert.Single(packed.ErrorLines);
        Assert.Equal(before, Listing());

        string[] Listing() =>
            [
                .. Directory
                    .GetFiles(demo.Path("fixed"), "*", SearchOption.AllDirectories)
                    .Order()
                    .Select(path => $"{path} {new FileInfo(path).Length}"),
            ];
    }
}
