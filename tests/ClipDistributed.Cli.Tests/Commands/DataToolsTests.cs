using System.Text.Json;
using ClipDistributed.TestKit.ParquetFiles;
using ClipDistributed.TestKit.Processes;

namespace ClipDistributed.Cli.Tests.Commands;

/// <summary>Packing, verifying and preprocessing of files, and training of a vocabulary, as a user runs them.</summary>
public sealed class DataToolsTests(DemoData demo) : IClassFixture<DemoData>
{
    private static readonly string Images = Fixtures.File("preprocess");

    [Fact]
    public void PackThenVerify_FolderOfImages_GivesSoundShards()
    {
        CopyImages("pictures");
        File.WriteAllText(demo.Path("pictures", "page.jpg"), "<html>");
        var packed = Run(0, "data", "pack", "pictures", "--out", "packed", "--captions", "names", "--rows-per-shard", "4");
        Assert.Contains("10 rows in 3 shards", packed.Output, StringComparison.Ordinal);
        Assert.Contains(
            "is in no format that can be read (JPEG, PNG, WebP, GIF, BMP, TIFF, AVIF, JPEG 2000): page.jpg",
            packed.Output,
            StringComparison.Ordinal
        );
        Assert.Contains("10 rows", Run(0, "data", "verify", "packed").Output, StringComparison.Ordinal);
        Assert.Contains(
            "nothing was left to do",
            Run(0, "data", "pack", "pictures", "--out", "packed", "--captions", "names", "--rows-per-shard", "4").Output,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Pack_NothingUsable_EndsWithTwo()
    {
        Directory.CreateDirectory(demo.Path("bad"));
        File.WriteAllText(demo.Path("bad", "page.jpg"), "<html>");
        Assert.Contains("Nothing could be packed", Run(2, "data", "pack", "bad", "--out", "bad-out").Errors, StringComparison.Ordinal);
        Assert.Contains("is not a folder", Run(2, "data", "pack", "absent", "--out", "bad-out").Errors, StringComparison.Ordinal);
    }

    [Fact]
    public void Inspect_PathAlone_IsNamedWithoutItsArgument()
    {
        Assert.Equal(
            $"error: {demo.Path("absent")} does not exist; name a shard (a Parquet file or a tar), a folder of them, or a pattern.\n",
            Run(2, "data", "inspect", "absent").Errors
        );
        Assert.Contains("\nimages in all 1,000 rows:\n", Run(0, "data", "inspect", "data/train").Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Verify_DamagedRows_AreListedAndEndWithOne()
    {
        await demo.WriteDamagedAsync("damaged");
        var lines = Run(1, "data", "verify", "damaged", "--json", "--workers", "3")
            .Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        var places = lines[..^1].Select(line => JsonDocument.Parse(line).RootElement).ToList();
        int expected = Enumerable.Range(0, 1000).Count(DamagedCopy.IsDamaged);
        Assert.Equal(expected, places.Count);
        Assert.Equal(7, places[0].GetProperty("row").GetInt64());
        Assert.Equal("the caption is null", places[1].GetProperty("reason").GetString());
        Assert.Equal(expected, JsonDocument.Parse(lines[^1]).RootElement.GetProperty("damaged").GetInt32());
    }

    [Fact]
    public void Preprocess_BothPaths_WriteOneTensorAFile()
    {
        CopyImages("seen");
        foreach (string path in new[] { "convert", "direct" })
        {
            Run(0, "data", "preprocess", "seen/rgba.png", "seen/cmyk.jpg", "--size", "32", "--out", path + ".safetensors", "--path", path);
            byte[] file = File.ReadAllBytes(demo.Path(path + ".safetensors"));
            Assert.Equal(2 * 3 * 32 * 32, file.Length - 8 - (int)BitConverter.ToInt64(file));
        }
        Assert.NotEqual(File.ReadAllBytes(demo.Path("convert.safetensors")), File.ReadAllBytes(demo.Path("direct.safetensors")));
        Assert.Contains(
            "none.png does not exist",
            Run(2, "data", "preprocess", "none.png", "--out", "x.safetensors").Errors,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void TokenizerTrain_ThenTrain_UsesIt()
    {
        Run(0, "tokenizer", "train", "data/train", "--vocabulary", "512", "--out", "own.json");
        Assert.Contains(
            "exists",
            Run(2, "tokenizer", "train", "data/train", "--vocabulary", "512", "--out", "own.json").Errors,
            StringComparison.Ordinal
        );
        Assert.Contains(
            "too small",
            Run(2, "tokenizer", "train", "data/train", "--vocabulary", "5", "--out", "small.json").Errors,
            StringComparison.Ordinal
        );
        Run(
            0,
            "train",
            "spec.yaml",
            "--set",
            "run_directory=own",
            "--set",
            "samples=64",
            "--set",
            "model.tokenizer=own.json",
            "--set",
            "evaluate.every_steps=0"
        );
    }

    private ClipdResult Run(int exitCode, params string[] arguments)
    {
        var result = Clipd.Run(demo.Folder, arguments);
        Assert.True(result.ExitCode == exitCode, $"exit code {result.ExitCode}: {result.Output}{result.Errors}");
        Assert.DoesNotContain("   at ", result.Errors, StringComparison.Ordinal);
        return result;
    }

    private void CopyImages(string folder)
    {
        Directory.CreateDirectory(demo.Path(folder));
        foreach (string file in Directory.GetFiles(Images).Where(file => Path.GetExtension(file) is ".png" or ".jpg"))
            File.Copy(file, demo.Path(folder, Path.GetFileName(file)));
    }
}
