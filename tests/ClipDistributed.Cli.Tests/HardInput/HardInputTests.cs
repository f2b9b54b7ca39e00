using System.Text;
using ClipDistributed.Contracts.Records;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Contracts.Runs;
using ClipDistributed.Data.Samples;
using ClipDistributed.TestKit.Processes;

namespace ClipDistributed.Cli.Tests.HardInput;

/// <summary>
/// Data that nobody made on purpose, through the real commands: one clear line for each, no stack, and what was written
/// before stays. Images: zero bytes, a JPEG cut short, a web page, 20,000 × 20,000 px, animated WebP, 16 bits
/// (<see cref="HardImage"/>). Captions: 100 kB, invalid UTF-8, null. Files: Parquet with a damaged footer, safetensors whose
/// header lies. Disks: full, read-only. A checkpoint with a flipped byte and two runs in one directory are in
/// <see cref="Commands.TrainCommandTests"/>.
/// </summary>
public sealed class HardInputTests(TrainedDemo demo) : IClassFixture<TrainedDemo>
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

    [Theory]
    [InlineData("data", "inspect", "footer")]
    [InlineData("eval", "retrieval", "--data", "footer", "--model", "run/checkpoints/attempt-01/step-00000002")]
    [InlineData("train", "spec.yaml", "--set", "run_directory=footer-run", "--set", "data.train=[{path: footer}]")]
    [InlineData("tokenizer", "train", "footer", "--vocabulary", "512", "--out", "footer.json")]
    public void AnyReader_ParquetWithADamagedFooter_NamesTheFile(params string[] arguments)
    {
        WriteDamagedFooter("footer");
        var done = Clipd.Run(demo.Folder, arguments);
        AssertClear(done, exitCode: 2);
        string line = Assert.Single(done.ErrorLines);
        Assert.Contains($"{demo.Path("footer", "a.parquet")} is not a usable Parquet file (", line, StringComparison.Ordinal);
        Assert.EndsWith("; write or copy it again.", line, StringComparison.Ordinal);
        Assert.False(Directory.Exists(demo.Path("footer-run")) && File.Exists(demo.Path("footer-run", "run.json")));
    }

    [Fact]
    public void AnyReader_CaptionsThatAreLists_SaysTheSameSentence()
    {
        Directory.CreateDirectory(demo.Path("lists"));
        File.Copy(
            Fixtures.File("cases", "caption-list", "a.parquet"),
            demo.Path("lists", "a.parquet")
        );
        string[] data = ["--set", "data.train=[{path: lists}]"];
        string[][] commands =
        [
            ["data", "inspect", "lists"], ["data", "verify", "lists"], ["data", "plan", "--spec", "spec.yaml", .. data],
            ["spec", "check", "--data", "spec.yaml", .. data], ["train", "spec.yaml", "--set", "run_directory=lists-run", .. data],
            ["tokenizer", "train", "lists", "--out", "lists.json"], ["eval", "retrieval", "--data", "lists", "--model", demo.Model],
        ];
        var said = commands.Select(command => Clipd.Run(demo.Folder, command)).ToList();
        Assert.All(said, (done, i) => AssertClear(done, exitCode: commands[i][1] == "verify" ? 1 : 2));
        const string Refusal =
            "has no caption column under a usual name (caption, text, txt, captions, alt_text, …) that holds text: 'caption' holds "
            + "list<text>; ";
        string line = Assert.Single(
            said.Select(done =>
                    (done.Output + done.Errors)
                        .Split('\n')
                        .Select(line => line[Math.Max(0, line.IndexOf("has no caption", StringComparison.Ordinal))..])
                        .First(line => line.Contains("list<text>"))
                )
                .Distinct()
        );
        Assert.StartsWith(Refusal, line, StringComparison.Ordinal);
        Assert.Contains("Write a row for each caption", line, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a huge header", "", 1L << 62, "the header claims 4611686018427387904 bytes, the file has 16")]
    [InlineData(
        "overlap",
        """{"images":{"dtype":"U8","shape":[4],"data_offsets":[0,4]},"tokens":{"dtype":"I32","shape":[2],"data_offsets":[0,8]}}""",
        null,
        "ranges may neither overlap nor leave gaps"
    )]
    [InlineData(
        "a type that is none",
        """{"tokens":{"dtype":"F99","shape":[2],"data_offsets":[0,8]}}""",
        null,
        "tensor 'tokens' has the type 'F99'; known: F64, F32"
    )]
    [InlineData("a type that lies", """{"tokens":{"dtype":"I64","shape":[2],"data_offsets":[0,8]}}""", null, "tensor 'tokens'")]
    public void AnyReader_SafetensorsWhoseHeaderLies_SaysHow(string lie, string header, long? claimed, string expected)
    {
        byte[] text = Encoding.UTF8.GetBytes(header);
        byte[] file = [.. BitConverter.GetBytes(claimed ?? text.Length), .. text, .. new byte[8]];
        string model = $"lying {lie}";
        CopyFolder(demo.Path(demo.Model), demo.Path(model));
        File.Delete(demo.Path(model, "checkpoint.json")); // its hashes would be compared first
        File.WriteAllBytes(demo.Path(model, "open_clip_model.safetensors"), file);
        File.WriteAllBytes(demo.Path("lying.in"), file);

        AssertRefused(demo.Run("embed", "--tensors", "lying.in", "--out", "lying.safetensors"), "lying.in", expected);
        AssertRefused(
            Clipd.Run(demo.Folder, "classify", "spec.yaml", "--labels", "a,b", "--model", model),
            "open_clip_model.safetensors",
            expected
        );
        AssertRefused(Clipd.Run(demo.Folder, "model", "info", model), "open_clip_model.safetensors", expected);
        AssertRefused(
            Clipd.Run(
                demo.Folder,
                "train",
                "spec.yaml",
                "--set",
                "run_directory=lying-run",
                "--set",
                $"model.init_from={model}",
                "--set",
                $"model.tokenizer={model}/tokenizer.json"
            ),
            "open_clip_model.safetensors",
            expected
        );
    }

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
        clipd.LineWith("checkpoint of step 10 could not be written (No space left");
        clipd.LineWith("it is the last one, so it is retried for 5 minutes");

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

    private void WriteDamagedFooter(string folder)
    {
        Directory.CreateDirectory(demo.Path(folder));
        byte[] file = File.ReadAllBytes(Directory.GetFiles(demo.Path("data", "train"), "*.parquet")[0]);
        file.AsSpan(file.Length - 8 - BitConverter.ToInt32(file, file.Length - 8), 20).Fill(0xFF);
        File.WriteAllBytes(demo.Path(folder, "a.parquet"), file);
    }

    private static void CopyFolder(string from, string to)
    {
        Directory.CreateDirectory(to);
        foreach (string file in Directory.GetFiles(from))
            File.Copy(file, Path.Combine(to, Path.GetFileName(file)), overwrite: true);
    }

    private static void AssertRefused(ClipdResult done, params string[] expected)
    {
        AssertClear(done, exitCode: 2);
        string line = Assert.Single(done.ErrorLines);
        Assert.All(expected, part => Assert.Contains(part, line, StringComparison.Ordinal));
    }

    private static void AssertClear(ClipdResult done, int exitCode)
    {
        Assert.True(done.ExitCode == exitCode, $"exit code {done.ExitCode}: {done.Output}{done.Errors}");
        Assert.DoesNotContain("   at ", done.Output + done.Errors, StringComparison.Ordinal);
    }
}
