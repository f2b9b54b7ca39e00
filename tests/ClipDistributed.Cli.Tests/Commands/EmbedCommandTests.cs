using System.Collections.Concurrent;
using System.Text.Json;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.TestKit.Processes;

namespace ClipDistributed.Cli.Tests.Commands;

/// <summary><c>clipd embed</c> as a process.</summary>
public sealed class EmbedCommandTests(TrainedDemo demo)
{
    [Theory]
    [InlineData("ended.parquet", 2, 130)] // SIGINT, as by Ctrl-C
    [InlineData("ended.safetensors", 2, 130)]
    public void Embed_Ended_LeavesNothing(string file, int signal, int exitCode)
    {
        using var late = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        late.CancelAfter(TimeSpan.FromMinutes(2));
        string folder = Directory.CreateDirectory(demo.Path($"ended-{file}")).FullName;
        File.WriteAllLines(demo.Path("many.txt"), Enumerable.Range(0, 1_000_000).Select(i => $"text {i}"));
        using var begun = new FileSystemWatcher(folder);
        using var names = new BlockingCollection<(WatcherChangeTypes Change, string? Name)>();
        begun.Created += (_, made) => names.Add((made.ChangeType, made.Name));
        begun.Deleted += (_, gone) => names.Add((gone.ChangeType, gone.Name));
        begun.EnableRaisingEvents = true;
        using var embed = Clipd.Start(
            demo.Folder,
            "embed",
            "--texts",
            "many.txt",
            "--out",
            Path.Combine(folder, file),
            "--model",
            demo.Model,
            "--threads",
            "1"
        );
        string working = file.EndsWith("parquet", StringComparison.Ordinal) ? $"{file}.partial" : $"{file}.numbers";
        Assert.Contains(names.GetConsumingEnumerable(late.Token), change => change == (WatcherChangeTypes.Created, working));
        embed.Signal(signal);
        Assert.Contains(names.GetConsumingEnumerable(late.Token), change => change == (WatcherChangeTypes.Deleted, working));
        var ended = embed.Finish();
        Assert.Equal(exitCode, ended.ExitCode);
        Assert.Equal(["stopping …; nothing that is incomplete is left"], ended.ErrorLines);
        Assert.Empty(Directory.EnumerateFileSystemEntries(folder));
    }

    [Fact]
    public void Embed_ImagesOfShards_AndOutThatExists()
    {
        var done = demo.Run("embed", "--images", "data/seen", "run/similarity.png", "--out", "images.safetensors");
        Assert.Equal((0, ""), (done.ExitCode, done.Errors));
        Assert.Equal("97 images of 32 numbers in images.safetensors\n", done.Output);
        var (header, _) = TensorFile.Read(demo.Path("images.safetensors"));
        string[] names = JsonSerializer.Deserialize<string[]>(
            header.RootElement.GetProperty("__metadata__").GetProperty("names").GetString()!
        )!;
        Assert.EndsWith(".parquet#0", names[0], StringComparison.Ordinal);
        Assert.Equal(demo.Path("run", "similarity.png"), names[96]);

        var again = demo.Run("embed", "--images", "data/seen", "--out", "images.safetensors");
        Assert.Equal(2, again.ExitCode);
        Assert.Equal([$"error: --out: {demo.Path("images.safetensors")} exists; name a new file, or remove it."], again.ErrorLines);
    }

    [Fact]
    public void Embed_TokensOfATensorFile_EqualsEmbeddingTheirText()
    {
        File.WriteAllText(demo.Path("lines.txt"), "a red circle\n\nthere is a blue star\n");
        Assert.Equal(0, demo.Run("embed", "--texts", "lines.txt", "--out", "lines.safetensors").ExitCode);
        int[][] ids = [.. new[] { "a red circle", "", "there is a blue star" }.Select(Encode)];
        TensorFile.WriteTokens(demo.Path("tokens.in"), ids);

        var done = demo.Run("embed", "--tensors", "tokens.in", "--out", "tokens.safetensors");
        Assert.Equal((0, ""), (done.ExitCode, done.Errors));
        Assert.Equal(TensorFile.Read(demo.Path("lines.safetensors")).Values, TensorFile.Read(demo.Path("tokens.safetensors")).Values);
        Assert.Equal(3 * 32, TensorFile.Read(demo.Path("lines.safetensors")).Values.Length);
    }

    [Fact]
    public void Embed_TensorsThatDoNotFit_NamesEach()
    {
        TensorFile.WriteTokens(
            demo.Path("short.in"),
            [
                [1, 2, 3],
            ]
        );
        Assert.Equal(
            ["error: --tensors: 'tokens' is [1, 3] of int32; this model takes [N, 16] of int32 or int64."],
            demo.Run("embed", "--tensors", "short.in", "--out", "short.safetensors").ErrorLines
        );
        TensorFile.WriteTokens(
            demo.Path("high.in"),
            [
                [.. Enumerable.Repeat(512, 16)],
            ]
        );
        Assert.Equal(
            ["error: --tensors: 'tokens' holds the id 512; this model knows 0 to 511."],
            demo.Run("embed", "--tensors", "high.in", "--out", "high.safetensors").ErrorLines
        );
        Assert.False(File.Exists(demo.Path("high.safetensors")));
    }

    private int[] Encode(string text)
    {
        var tokenizer = Data.Tokens.ClipTokenizer.Load(demo.Path(demo.Model));
        int[] ids = new int[16];
        tokenizer.Encode(text, ids);
        return ids;
    }
}
