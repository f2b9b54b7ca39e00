using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using ClipDistributed.Contracts.Errors;
using ClipDistributed.Data.Samples;

namespace ClipDistributed.Data.Packing;

/// <summary>
/// Packs folders of pictures into shards. The bytes are a function of files and options alone: pictures are read side by side
/// and written in order, and a run that was killed goes on behind its last finished shard.
/// </summary>
/// <param name="options">What is packed, and how.</param>
public sealed class FolderPacking(PackOptions options)
{
    private const string Prefix = "shard", ClassesFile = "classes.txt";
    private const int RowsPerGroup = 500;

    /// <summary>Packs what is not packed yet.</summary>
    /// <param name="progress">Told how many of how many pictures are done.</param>
    /// <param name="cancel">Keeps the finished shards; the next run goes on from there.</param>
    /// <exception cref="BadInputException">An option is wrong, the folder holds something else, or no picture could be packed.</exception>
    public async Task<PackSummary> RunAsync(Action<int, int>? progress = null, CancellationToken cancel = default)
    {
        options.Check();
        var list = PackList.Make(options);
        var journal = Prepare(Describe(list));
        int resumedRows = (int)journal.Rows;
        if (!journal.IsDone)
        {
            if (list.Classes is not null)
                File.WriteAllText(PathOf(ClassesFile), string.Concat(list.Classes.Select(name => name + "\n")));
            journal = await PackAsync(list, journal, progress, cancel);
        }
        if (journal.Rows == 0)
        {
            RemoveOurs();
            throw new BadInputException([.. journal.Skipped.Select(reason => $"Nothing could be packed: {reason.Value:N0} images of which each {reason.Key}."), .. journal.Examples.Select(example => "  " + example)]);
        }
        return new PackSummary(journal.Shards, journal.Rows, journal.ImageBytes, resumedRows, list.Captions, list.Classes?.Count, journal.Skipped, journal.Examples);
    }

    private async Task<PackJournal> PackAsync(PackList list, PackJournal journal, Action<int, int>? progress, CancellationToken cancel)
    {
        var columns = new ShardColumns(Label: list.Classes is null ? null : "label");
        await using var writer = new ParquetShardWriter(options.Output, Prefix, int.MaxValue, Math.Min(RowsPerGroup, options.RowsPerShard), columns, journal.Shards);
        var rows = new PackedRows(options);
        using var ahead = ReadAhead<(PackItem Item, PackedRow Row)>.Start(
            _ => list.Items.Skip(journal.Next).ToAsyncEnumerable(), (item, _) => (item, rows.Make(item)), options.Workers, options.Workers * 8);
        int rowsInShard = 0;
        long bytesInShard = 0;
        try
        {
            for (int i = journal.Next; i < list.Items.Count; i++)
            {
                cancel.ThrowIfCancellationRequested();
                var (item, row) = ahead.Take();
                if (row.Image is { } image)
                {
                    if (rowsInShard > 0 && (rowsInShard == options.RowsPerShard || bytesInShard + image.Length > options.ShardBytes))
                        await EndShardAsync(next: i);
                    await writer.AddAsync(image, row.Caption, item.Label, cancel);
                    (rowsInShard, bytesInShard) = (rowsInShard + 1, bytesInShard + image.Length);
                }
                else
                {
                    journal.Skip(item.Name, row.Problem!);
                }
                progress?.Invoke(i + 1, list.Items.Count);
            }
            await EndShardAsync(list.Items.Count);
        }
        catch
        {
            await writer.AbandonAsync();
            throw;
        }
        return journal;

        async Task EndShardAsync(int next)
        {
            await writer.EndShardAsync();
            journal = journal with
            {
                Next = next, Shards = journal.Shards + (rowsInShard > 0 ? 1 : 0), Rows = journal.Rows + rowsInShard,
                ImageBytes = journal.ImageBytes + bytesInShard, IsDone = next == list.Items.Count,
            };
            journal.Save(options.Output);
            (rowsInShard, bytesInShard) = (0, 0);
        }
    }

    private PackJournal Prepare(string description)
    {
        if (File.Exists(options.Output))
            throw new BadInputException($"--out {options.Output} is a file; name a folder.");
        if (options.Overwrite)
            RemoveOurs();
        if (Directory.Exists(options.Output) && PackJournal.Load(options.Output) is { } journal)
        {
            bool sameShards = Enumerable.Range(0, journal.Shards).All(number => File.Exists(ParquetShardWriter.PathOf(options.Output, Prefix, number)));
            if (journal.Description == description && sameShards)
                return journal;
            throw new BadInputException(journal.Description == description
                ? $"{options.Output} lacks shards that it held before; say --overwrite to pack it again."
                : $"{options.Output} was packed from other files or with other options; name another folder, or say --overwrite to pack it again.");
        }
        if (Directory.Exists(options.Output) && Directory.EnumerateFileSystemEntries(options.Output).Any())
            throw new BadInputException($"{options.Output} is not empty and was not made by clipd data pack; name another folder.");
        Directory.CreateDirectory(options.Output);
        var start = PackJournal.Start(description);
        start.Save(options.Output);
        return start;
    }

    private void RemoveOurs()
    {
        if (!Directory.Exists(options.Output) || !File.Exists(PathOf(PackJournal.FileName)))
            return;
        foreach (string shard in Directory.EnumerateFiles(options.Output, $"{Prefix}-*.parquet*").ToList())
            File.Delete(shard);
        File.Delete(PathOf(ClassesFile));
        File.Delete(PathOf(PackJournal.FileName));
    }

    /// <summary>Of all that decides the bytes of the shards.</summary>
    private string Describe(PackList list) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(JsonSerializer.Serialize(
        new { Format = 1, list.Classes, options.Resize, options.Background, options.Quality, options.RowsPerShard, options.ShardBytes, options.MaxPixels, Items = list.Digest() }))));

    private string PathOf(string name) => Path.Combine(options.Output, name);
}
