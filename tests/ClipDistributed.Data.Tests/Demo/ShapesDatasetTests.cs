using System.Security.Cryptography;
using System.Text.Json;
using ClipDistributed.Contracts.Errors;
using ClipDistributed.Data.Demo;
using Parquet;

namespace ClipDistributed.Data.Tests.Demo;

public sealed class ShapesDatasetTests : IDisposable
{
    private static readonly ShapesOptions Small = new(Train: 700, Validation: 150, Size: 32);
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task WriteAsync_Small_WritesEverySplitWithItsRowsAndLabels()
    {
        var progress = new CountingProgress();
        Assert.True(await Write("a", Small, progress: progress));
        Assert.Equal(850, progress.Last);
        Assert.Equal((700, 2), await Shape("a/train/train-00000.parquet"));
        Assert.Equal((75, 3), await Shape("a/seen/seen-00000.parquet"));
        Assert.Equal((75, 3), await Shape("a/unseen/unseen-00000.parquet"));

        string[] classes = File.ReadAllLines(folder.File("a/classes.txt"));
        Assert.Equal(ShapesVocabulary.Classes.Select(c => c.Name), classes);
        foreach (string split in new[] { "seen", "unseen" })
        {
            var (captions, labels) = await Rows($"a/{split}/{split}-00000.parquet");
            Assert.All(captions.Zip(labels), row => Assert.Contains(classes[row.Second], row.First.Replace("crosses", "cross")));
            Assert.All(labels, label => Assert.Equal(split == "unseen", ShapesVocabulary.Classes[label].HeldOut));
        }
        Assert.All(File.ReadAllLines(folder.File("a/templates.txt")), template => Assert.Contains("{}", template));
    }

    [Fact]
    public async Task WriteAsync_SameSeed_WritesTheSameBytes()
    {
        await Write("a", Small);
        await Write("b", Small);
        await Write("c", Small with { Seed = 2 });
        Assert.Equal(Digests("a"), Digests("b"));
        Assert.NotEqual(Digests("a")["train/train-00000.parquet"], Digests("c")["train/train-00000.parquet"]);
    }

    [Fact]
    public async Task WriteAsync_FolderHoldsTheSame_DoesNothing()
    {
        await Write("a", Small);
        var before = File.GetLastWriteTimeUtc(folder.File("a/train/train-00000.parquet"));
        Assert.False(await Write("a", Small));
        Assert.Equal(before, File.GetLastWriteTimeUtc(folder.File("a/train/train-00000.parquet")));
    }

    [Theory]
    [InlineData("train/train-00001.parquet")]
    [InlineData("unseen/unseen-00000.parquet")]
    [InlineData("classes.txt")]
    public async Task WriteAsync_FileOfItDeleted_RendersAgain(string deleted)
    {
        var options = new ShapesOptions(Train: 4300, Validation: 150, Size: 16);
        await Write("a", options);
        var before = Digests("a");
        File.Delete(folder.File("a/" + deleted));
        Assert.True(await Write("a", options));
        Assert.Equal(before, Digests("a"));
    }

    [Fact]
    public async Task WriteAsync_FolderHoldsOther_RefusesUnlessToldToOverwrite()
    {
        await Write("a", new ShapesOptions(Train: 4300, Validation: 150, Size: 16));
        File.WriteAllText(folder.File("a/note.txt"), "mine");
        var bad = await Assert.ThrowsAsync<BadInputException>(() => Write("a", Small));
        Assert.Contains("--overwrite", bad.Message);
        Assert.True(File.Exists(folder.File("a/train/train-00001.parquet")));

        Assert.True(await Write("a", Small, overwrite: true));
        Assert.False(File.Exists(folder.File("a/train/train-00001.parquet")));
        Assert.True(File.Exists(folder.File("a/note.txt")));
        Assert.True(File.Exists(folder.File("a/demo.json")));
    }

    [Fact]
    public async Task WriteAsync_Cancelled_LeavesNoDescription()
    {
        using var cancel = new CancellationTokenSource();
        var progress = new CountingProgress { At = 600, Then = cancel.Cancel };
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
            new ShapesDataset(folder.File("a"), Small).WriteAsync(progress: progress, cancel: cancel.Token));
        Assert.False(File.Exists(folder.File("a/demo.json")));
    }

    [Fact]
    public async Task WriteAsync_Description_NamesWhatIsNeverInTraining()
    {
        await Write("a", Small);
        using var json = JsonDocument.Parse(File.ReadAllText(folder.File("a/demo.json")));
        Assert.Equal(24, json.RootElement.GetProperty("neverInTraining").GetArrayLength());
        Assert.Equal(700, json.RootElement.GetProperty("train").GetInt32());
        Assert.Equal(1, json.RootElement.GetProperty("seed").GetInt32());
    }

    [Fact]
    public void Check_EverythingWrong_NamesAll()
    {
        var bad = Assert.Throws<BadInputException>(() => new ShapesOptions(Train: 0, Validation: 100, Size: 8).Check());
        Assert.Equal(3, bad.Errors.Count);
        new ShapesOptions(Train: 1, Validation: ShapesOptions.MinValidation, Size: 16).Check();
    }

    private Task<bool> Write(string name, ShapesOptions options, bool overwrite = false, IProgress<int>? progress = null) =>
        new ShapesDataset(folder.File(name), options).WriteAsync(overwrite, progress);

    private Dictionary<string, string> Digests(string name) =>
        Directory
            .EnumerateFiles(folder.File(name), "*", SearchOption.AllDirectories)
            .ToDictionary(
                path => Path.GetRelativePath(folder.File(name), path),
                path => Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(path)))
            );

    private async Task<(long Rows, int Columns)> Shape(string name)
    {
        await using var reader = await ParquetReader.CreateAsync(folder.File(name));
        return (reader.Metadata!.NumRows, reader.Schema.DataFields.Length);
    }

    private async Task<(string[] Captions, int[] Labels)> Rows(string name)
    {
        await using var reader = await ParquetReader.CreateAsync(folder.File(name));
        using var group = reader.OpenRowGroupReader(0);
        var captions = new string[group.RowCount];
        var labels = new int?[group.RowCount];
        await group.ReadAsync(reader.Schema.DataFields[1], captions);
        await group.ReadAsync<int>(reader.Schema.DataFields[2], labels);
        return (captions, labels.Select(label => label!.Value).ToArray());
    }

    private sealed class CountingProgress : IProgress<int>
    {
        public int Last { get; private set; }

        public int At { get; init; } = -1;

        public Action? Then { get; init; }

        public void Report(int value)
        {
            Last = value;
            if (value == At)
                Then?.Invoke();
        }
    }
}
