using ClipDistributed.Contracts.Records;
using ClipDistributed.Contracts.Replica.V1;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Data.Samples;
using ClipDistributed.TestKit.Processes;

namespace ClipDistributed.Cli.Tests.HardInput;

/// <summary>A folder of many formats, files that are none and files that are hidden: classify, embed, pack and verify see the same
/// images.</summary>
public sealed class ImageFormatsTests(TrainedDemo demo)
{
    private static readonly string[] Images = ["plain.gif", "rgb.bmp", "rgb.jp2", "rgb.png", "rgb.tif"];

    private static readonly byte[] Heic = [0, 0, 0, 24, .. "ftypheic\0\0\0\0mif1heic and what follows"u8];

    [Fact]
    public async Task ClassifyEmbedPackAndVerify_FolderOfManyFormats_UseTheSameImages()
    {
        string folder = demo.Path("formats");
        Directory.CreateDirectory(folder);
        foreach (string name in Images)
            File.Copy(Fixture(name), Path.Combine(folder, name + ".dat"));
        File.Copy(Fixture("rgb.png"), Path.Combine(folder, "._rgb.png"));
        File.WriteAllText(Path.Combine(folder, "notes.md"), "nothing to see");
        File.WriteAllBytes(Path.Combine(folder, "phone.heic"), Heic);

        var classified = demo.Run("classify", "formats", "--labels", "\"red, round\",green", "--json");
        Assert.Equal(2, classified.ExitCode); // the HEIC
        Assert.Equal(
            [.. Images.Select(name => Path.Combine(folder, name + ".dat"))],
            classified
                .Output.Split('\n', StringSplitOptions.RemoveEmptyEntries)
                .Select(line => ReplicaOutputJson.TryParse(line)?.Classified)
                .OfType<ImageClassified>()
                .Select(image => image.Image)
        );
        Assert.Contains("red, round", classified.Output, StringComparison.Ordinal);
        Assert.Contains("phone.heic: the image is a HEIC", classified.Errors, StringComparison.Ordinal);
        Assert.Contains("1 left out: is hidden", classified.Errors, StringComparison.Ordinal);

        var embedded = demo.Run("embed", "--images", "formats", "--out", "formats.safetensors");
        Assert.Equal(0, embedded.ExitCode);
        Assert.StartsWith("5 images of 32 numbers", embedded.Output, StringComparison.Ordinal);
        Assert.Contains("1 left out: is not an image (first: notes.md)", embedded.Errors, StringComparison.Ordinal);

        var packed = Clipd.Run(demo.Folder, "data", "pack", "formats", "--out", "formats-packed", "--captions", "names");
        Assert.Equal(0, packed.ExitCode);
        Assert.Contains("5 rows in 1 shard", packed.Output, StringComparison.Ordinal);
        Assert.Contains("is a HEIC", packed.Output, StringComparison.Ordinal);

        var looked = Clipd.Run(demo.Folder, "data", "verify", "formats");
        Assert.Equal(1, looked.ExitCode); // the HEIC
        Assert.Contains("phone.heic: the image is a HEIC", looked.Output, StringComparison.Ordinal);
        Assert.Contains("6 image files, ", looked.Output, StringComparison.Ordinal);
        Assert.Contains("1 left out: is not an image (first: notes.md)", looked.Errors, StringComparison.Ordinal);

        // Such bytes also lie in shards that others wrote.
        await using (var writer = new ParquetShardWriter(demo.Path("formats-raw"), "shard", rowsPerShard: 100, rowsPerGroup: 10))
        {
            foreach (string name in Images)
                await writer.AddAsync(File.ReadAllBytes(Fixture(name)), $"a picture {name}");
        }
        foreach (string shards in new[] { "formats-packed", "formats-raw" })
        {
            var verified = Clipd.Run(demo.Folder, "data", "verify", shards);
            Assert.True(verified.ExitCode == 0, verified.Output + verified.Errors);
            Assert.Contains("5 rows", verified.Output, StringComparison.Ordinal);
        }
        var trained = Clipd.Run(
            demo.Folder,
            "train",
            "spec.yaml",
            "--set",
            "run_directory=formats-run",
            "--set",
            "data.train=[{path: formats-raw}]",
            "--set",
            "batch.global=2",
            "--set",
            "batch.micro=2",
            "--set",
            "samples=10",
            "--set",
            "optimizer.warmup_steps=0"
        );
        Assert.True(trained.ExitCode == 0, trained.Errors);
        Assert.Equal(
            0,
            File.ReadLines(demo.Path("formats-run", "metrics.jsonl"))
                .Select(line => RunRecordJson.TryParse(line)?.Step)
                .OfType<StepMetrics>()
                .Sum(step => step.Replaced)
        );
    }

    private static string Fixture(string name) => Fixtures.File("images", name);
}
