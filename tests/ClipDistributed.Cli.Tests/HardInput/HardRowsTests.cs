using ClipDistributed.Contracts.Records;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Data.Samples;
using ClipDistributed.TestKit.Processes;
using static ClipDistributed.Cli.Tests.HardInput.CommandEnds;

namespace ClipDistributed.Cli.Tests.HardInput;

/// <summary>
/// Images and captions as they come by accident, through the real commands: one clear line for each, no stack. Images: zero bytes, a
/// JPEG cut short, a web page, 20,000 × 20,000 px, animated WebP, 16 bits (<see cref="HardImage"/>). Captions: 100 kB, invalid UTF-8,
/// null.
/// </summary>
public sealed class HardRowsTests(TrainedDemo demo)
{
    // The pixels of the large image alone would take 1.2 GB.
    private static readonly string[] LittleMemory = ["prlimit", "--data=700000000"];

    [Fact]
    public void Pack_HardImagesAndCaptions_LeavesOutWhatIsDamaged()
    {
        HardImage.WriteTo(demo.Path("pictures"));
        foreach (var image in HardImage.All)
            File.WriteAllText(demo.Path("pictures", Path.ChangeExtension(image.Name, ".txt")), $"the caption of {image.Name}");
        File.WriteAllText(demo.Path("pictures", "photo.txt"), string.Concat(Enumerable.Repeat("long ", 20_000)));
        File.WriteAllBytes(demo.Path("pictures", "sixteen.txt"), [.. "caf"u8, 0xE9, .. " table "u8, 0xFF]);

        using var packing = Clipd.StartThrough(LittleMemory, demo.Folder, "data", "pack", "pictures", "--out", "packed");
        var packed = packing.Finish();
        AssertClear(packed, exitCode: 0);
        Assert.Contains("3 rows in 1 shard,", packed.Output, StringComparison.Ordinal);
        foreach (var image in HardImage.Damaged)
            Assert.Contains($"       1  {image.Reason}: {image.Name}\n", packed.Output, StringComparison.Ordinal);

        AssertClear(Clipd.Run(demo.Folder, "data", "verify", "packed"), exitCode: 0);
        var shown = Clipd.Run(demo.Folder, "data", "inspect", "packed");
        AssertClear(shown, exitCode: 0);
        Assert.Contains("caf\uFFFD table \uFFFD", shown.Output, StringComparison.Ordinal);
        Assert.Contains("long … (99,999 letters)", shown.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task VerifyAndTrain_HardRows_NamesAndReplacesTheDamagedOnes()
    {
        await WriteRowsAsync("rows");
        (long Row, string Reason)[] expected =
        [
            .. HardImage
                .All.Index()
                .Where(image => image.Item.Reason is not null)
                .Select(image => ((long)image.Index, $"the image {image.Item.Reason}")),
            (HardImage.All.Count, "the caption is null"),
        ];

        using var verifying = Clipd.StartThrough(LittleMemory, demo.Folder, "data", "verify", "rows");
        var verified = verifying.Finish();
        AssertClear(verified, exitCode: 1);
        Assert.Equal(
            [.. expected.Select(row => $"{demo.Path("rows", "hard-00000.parquet")} row {row.Row}: {row.Reason}"), "1 shard, 72 rows, "],
            verified
                .Output.Replace("rows/", demo.Path("rows") + "/", StringComparison.Ordinal)
                .Split('\n', StringSplitOptions.RemoveEmptyEntries)
                .Select((line, i) => i < expected.Length ? line : line[.."1 shard, 72 rows, ".Length])
        );

        var trained = Clipd.Run(
            demo.Folder,
            "train",
            "spec.yaml",
            "--set",
            "run_directory=hard",
            "--set",
            "data={train: [{path: rows}]}",
            "--set",
            "evaluate={}",
            "--set",
            "batch.global=32",
            "--set",
            "samples=256"
        );
        AssertClear(trained, exitCode: 0);
        foreach (var (row, reason) in expected)
            Assert.Matches(
                $"Row {row} of .*hard-00000.parquet is damaged \\(.*\\); another row takes its place",
                trained.Output.Replace("\n", " ", StringComparison.Ordinal)
            );
        var steps = File.ReadLines(demo.Path("hard", "metrics.jsonl"))
            .Select(line => RunRecordJson.TryParse(line)?.Step).OfType<StepMetrics>().ToList();
        Assert.Equal(8, steps.Count);
        Assert.Contains(steps, step => step.Replaced > 0);
        Assert.All(steps, step => Assert.True(double.IsFinite(step.Loss)));
    }

    [Fact]
    public void Classify_HardImages_ShowsTheSoundAndNamesTheOthers()
    {
        HardImage.WriteTo(demo.Path("looked-at"));
        var done = demo.Run([
            "classify",
            "--labels",
            "red,blue",
            "--top",
            "1",
            .. HardImage.All.Select(image => $"looked-at/{image.Name}"),
        ]);
        AssertClear(done, exitCode: 2);
        Assert.Equal(
            HardImage.Damaged.Select(image => $"error: {demo.Path("looked-at", image.Name)}: the image {image.Reason}"),
            done.ErrorLines
        );
        Assert.Equal(1 + HardImage.Sound.Count(), done.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
    }

    [Fact]
    public void Embed_HardImages_LeavesOutTheDamaged()
    {
        HardImage.WriteTo(demo.Path("embedded"));
        var done = demo.Run("embed", "--images", "embedded", "--out", "hard.parquet");
        AssertClear(done, exitCode: 0);
        Assert.Equal(
            HardImage.Damaged.Select(image => $"left out: {demo.Path("embedded", image.Name)}: the image {image.Reason}"),
            done.ErrorLines
        );
        Assert.Equal("3 images of 32 numbers in hard.parquet; 4 images left out\n", done.Output);
    }

    /// <summary>Every hard image with a caption, a sound one without, and 64 sound rows.</summary>
    private async Task WriteRowsAsync(string folder)
    {
        byte[] photo = HardImage.All.Single(image => image.Name == "photo.jpg").Bytes;
        await using var writer = new ParquetShardWriter(demo.Path(folder), "hard", rowsPerShard: 1000, rowsPerGroup: 10);
        foreach (var image in HardImage.All)
            await writer.AddAsync(
                image.Bytes,
                image.Name == "sixteen.png" ? string.Concat(Enumerable.Repeat("long ", 20_000)) : $"a caption, {image.Name}"
            );
        await writer.AddAsync(photo, null);
        for (int i = 0; i < 64; i++)
            await writer.AddAsync(photo, $"sound row {i}");
    }
}
