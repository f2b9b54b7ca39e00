using System.Text.Json;
using ClipDistributed.Contracts.Errors;
using ClipDistributed.Data.Samples;

namespace ClipDistributed.Data.Demo;

/// <summary>
/// Renders the demo data into a folder: shards in <c>train</c>, <c>seen</c> and <c>unseen</c>, and beside them
/// <c>classes.txt</c>, <c>templates.txt</c> and <c>demo.json</c>. The last is written when all else is complete.
/// </summary>
/// <param name="folder">Created if absent.</param>
/// <param name="options">What to render.</param>
public sealed class ShapesDataset(string folder, ShapesOptions options)
{
    private const int RowsPerShard = 4000, RowsPerGroup = 500;
    private const string Description = "demo.json";
    private static readonly string[] Texts = ["classes.txt", "templates.txt", Description];

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        NewLine = "\n",
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    private readonly SceneGenerator scenes = new(options.Seed);
    private readonly SceneRenderer renderer = new(options.Seed, options.Size);
    private readonly CaptionWriter captions = new(options.Seed);

    /// <summary>
    /// Prompts for the zero-shot classifier; {} stands for a class. They read like captions but are not all used as such.
    /// </summary>
    public static IReadOnlyList<string> Templates { get; } =
    [
        "a {}", "a {}.", "one {}", "the {}", "a photo of a {}", "a photo of a {}.", "a picture of a {}", "an image of the {}",
        "a drawing of a {}.", "there is a {}",
    ];

    /// <summary>
    /// Renders everything, unless the folder holds just that already; files that were deleted from it are rendered again.
    /// </summary>
    /// <param name="overwrite">Replace demo data that was rendered with other options, or only in part.</param>
    /// <param name="progress">Receives the number of images written so far.</param>
    /// <param name="cancel">Leaves the folder without its <c>demo.json</c>.</param>
    /// <returns>False if the folder held the same data already.</returns>
    /// <exception cref="BadInputException">An option is out of range, or the folder holds something else.</exception>
    public async Task<bool> WriteAsync(bool overwrite = false, IProgress<int>? progress = null, CancellationToken cancel = default)
    {
        options.Check();
        string description = Describe();
        bool isSame = IsThere(description);
        if (!overwrite && isSame && ShardsAreThere())
            return false;

        Prepare(overwrite || isSame);
        int written = 0;
        foreach (var (split, count) in Counts())
            await WriteSplitAsync(split, count, () => progress?.Report(++written), cancel);
        await WriteLinesAsync("classes.txt", ShapesVocabulary.Classes.Select(c => c.Name), cancel);
        await WriteLinesAsync("templates.txt", Templates, cancel);
        await File.WriteAllTextAsync(PathOf(Description), description, cancel);
        return true;
    }

    private IEnumerable<(ShapesSplit Split, int Count)> Counts() =>
        [(ShapesSplit.Train, options.Train), (ShapesSplit.Seen, options.SeenScenes), (ShapesSplit.Unseen, options.UnseenScenes)];

    // Chunks are drawn on all cores and written in order, so the files do not depend on the number of cores.
    private async Task WriteSplitAsync(ShapesSplit split, int count, Action wrote, CancellationToken cancel)
    {
        string? label = split is ShapesSplit.Train ? null : "label";
        await using var shards = new ParquetShardWriter(
            FolderOf(split), NameOf(split), RowsPerShard, RowsPerGroup, new WrittenColumns(Label: label));
        for (int start = 0; start < count; start += RowsPerGroup)
        {
            var rows = new (byte[] Image, string Caption)[Math.Min(RowsPerGroup, count - start)];
            Parallel.For(0, rows.Length, new ParallelOptions { CancellationToken = cancel }, i => rows[i] = Draw(split, start + i));
            for (int i = 0; i < rows.Length; i++)
            {
                int? kind = label is null ? null : SceneGenerator.ClassOf(split, start + i).Label;
                await shards.AddAsync(rows[i].Image, rows[i].Caption, kind, cancel);
                wrote();
            }
        }
    }

    private (byte[] Image, string Caption) Draw(ShapesSplit split, int index)
    {
        var scene = scenes.Generate(split, index);
        return (renderer.Render(scene, split, index), captions.Write(scene, split, index));
    }

    private bool IsThere(string description) =>
        File.Exists(PathOf(Description)) && File.ReadAllText(PathOf(Description)) == description;

    private bool ShardsAreThere() =>
        Counts().All(part => Enumerable.Range(0, (part.Count + RowsPerShard - 1) / RowsPerShard)
            .All(number => File.Exists(ParquetShardWriter.PathOf(FolderOf(part.Split), NameOf(part.Split), number))))
        && Texts.All(text => File.Exists(PathOf(text)));

    private void Prepare(bool overwrite)
    {
        if (File.Exists(folder))
            throw new BadInputException($"{folder} is a file; name a folder to write the demo data into.");
        bool inUse = Directory.Exists(folder) && Directory.EnumerateFileSystemEntries(folder).Any();
        if (inUse && !overwrite)
            throw new BadInputException(
                $"{folder} is not empty and does not hold this demo data. Name another folder, or say --overwrite to replace demo "
                    + "data there."
            );

        Directory.CreateDirectory(folder);
        // Only what this class writes is removed: shards of a longer run would mix with the new ones.
        foreach (string text in Texts)
            File.Delete(PathOf(text));
        foreach (var split in Enum.GetValues<ShapesSplit>().Where(split => Directory.Exists(FolderOf(split))))
        {
            foreach (string shard in Directory.EnumerateFiles(FolderOf(split), $"{NameOf(split)}-*.parquet*"))
                File.Delete(shard);
        }
    }

    private string Describe() => JsonSerializer.Serialize(
        new
        {
            Format = "clipd-shapes-1",
            options.Seed,
            options.Size,
            options.Train,
            Seen = options.SeenScenes,
            Unseen = options.UnseenScenes,
            Classes = ShapesVocabulary.Classes.Select(c => c.Name),
            NeverInTraining = ShapesVocabulary.Unseen.Select(c => c.Name),
        },
        Json) + "\n";

    private Task WriteLinesAsync(string name, IEnumerable<string> lines, CancellationToken cancel) =>
        File.WriteAllTextAsync(PathOf(name), string.Concat(lines.Select(line => line + "\n")), cancel);

    private static string NameOf(ShapesSplit split) => split.ToString().ToLowerInvariant();

    private string FolderOf(ShapesSplit split) => PathOf(NameOf(split));

    private string PathOf(string name) => Path.Combine(folder, name);
}
