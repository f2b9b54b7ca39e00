using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using ClipDistributed.Contracts.Errors;
using ClipDistributed.Data.Samples;

namespace ClipDistributed.Data.Packing;

/// <summary>
/// Packs folders of pictures into shards. The bytes are a function of files and options alone: pictures are read side by side
/// and written in order, and a run that was stopped or killed goes on where it was.
/// </summary>
/// <param name="options">What is packed, and how.</param>
public sealed class FolderPacking(PackOptions options)
{
    private const string ClassesFile = "classes.txt";

    /// <summary>Packs what is not packed yet.</summary>
    /// <param name="progress">Is given how many of how many pictures are done.</param>
    /// <param name="cancel">Stops: the summary says how far it came, and the next run goes on from there.</param>
    /// <exception cref="BadInputException">An option is wrong, the folder holds something else, or no picture could be packed.</exception>
    /// <exception cref="OperationCanceledException">Stopped before the first picture.</exception>
    public async Task<PackSummary> RunAsync(Action<int, int>? progress = null, CancellationToken cancel = default)
    {
        options.Check();
        // Listing a large folder takes minutes and writes nothing: a stop does not wait for it.
        var (list, description) = await Task.Run(List, cancel).WaitAsync(cancel);
        var journal = Prepare(description);
        if (journal.IsDone)
            return Summary(list, journal, journal.Rows, journal.Rows, remaining: 0);
        if (list.Classes is not null)
            File.WriteAllText(PathOf(ClassesFile), string.Concat(list.Classes.Select(name => name + "\n")));
        var summary = await PackAsync(list, journal, progress, cancel);
        if (summary.Remaining > 0)
            return summary;
        File.Delete(PathOf(PackProgress.FileName));
        if (summary.Rows > 0)
            return summary;
        RemoveOurs();
        throw NothingPacked(list, summary);
    }

    private (PackList List, string Description) List()
    {
        var list = PackList.Make(options);
        return (list, Describe(list));
    }

    private BadInputException NothingPacked(PackList list, PackSummary summary)
    {
        string what = list.IsListed ? "rows or images" : "images";
        List<string> errors = [.. summary.LeftOut.Select(reason =>
            $"Nothing could be packed: {reason.Value.Count:N0} {what} of which each {reason.Key}: "
                + $"{string.Join(", ", reason.Value.Examples)}")];
        if (list.IsListed && !options.MatchNames)
        {
            errors.Add("Paths of a list are taken as they stand, or below the folders, beside the list, below the working directory; "
                + "--match-names takes files by their names alone.");
        }
        return new BadInputException(errors);
    }

    private async Task<PackSummary> PackAsync(PackList list, PackJournal journal, Action<int, int>? progress, CancellationToken cancel)
    {
        using var record = new PackProgress(options.Output);
        await using var writer = new PackWriter(options, list, journal, record);
        var rows = new PackedRows(options);
        long rowsOfBefore = journal.Rows;
        try
        {
            foreach (var row in record.Replay(journal, list.Items))
                await writer.AddAsync(row, isReplayed: true, cancel);
            rowsOfBefore = writer.Rows;
            using var ahead = ReadAhead<PackedRow[]>.Start(
                _ => list.ByImage(writer.Done).ToAsyncEnumerable(), (items, _) => rows.Make(items), options.Workers, options.Workers * 8);
            while (writer.Done < list.Items.Count)
            {
                foreach (var row in ahead.Take(cancel))
                {
                    cancel.ThrowIfCancellationRequested();
                    await writer.AddAsync(row, isReplayed: false, cancel);
                    progress?.Invoke(writer.Done, list.Items.Count);
                }
            }
            await writer.CompleteAsync();
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested)
        {
            await writer.AbandonAsync();
        }
        catch
        {
            await writer.AbandonAsync();
            throw;
        }
        return Summary(list, writer.Journal, writer.Rows, rowsOfBefore, list.Items.Count - writer.Done);
    }

    private static PackSummary Summary(PackList list, PackJournal journal, long rows, long rowsOfBefore, int remaining) => new(
        journal.Shards, rows, journal.ImageBytes, rowsOfBefore, list.Captions, list.Classes?.Count, journal.LeftOut, journal.LostRows,
        journal.Transparent, remaining);

    private PackJournal Prepare(string description)
    {
        if (File.Exists(options.Output))
            throw new BadInputException($"--out {options.Output} is a file; name a folder.");
        if (options.Overwrite)
            RemoveOurs();
        if (Directory.Exists(options.Output) && PackJournal.Load(options.Output) is { } journal)
        {
            if (journal.Description != description)
                throw new BadInputException(
                    $"{options.Output} was packed from other files or with other options; name another folder, or say --overwrite to "
                        + "pack it again.");
            return Lacks(journal) is not { } lost
                ? journal
                : throw new BadInputException($"{options.Output} lacks {lost} that it held before; say --overwrite to pack it again.");
        }
        if (Directory.Exists(options.Output) && Directory.EnumerateFileSystemEntries(options.Output).Any())
            throw new BadInputException($"{options.Output} is not empty and was not made by clipd data pack; name another folder.");
        Directory.CreateDirectory(options.Output);
        var start = PackJournal.Start(description);
        start.Save(options.Output);
        return start;
    }

    private string? Lacks(PackJournal journal)
    {
        var shards = Enumerable.Range(0, journal.Shards).Select(
            number => ParquetShardWriter.PathOf(options.Output, PackWriter.Prefix, number));
        if (!shards.All(File.Exists))
            return "shards";
        var leftOut = new FileInfo(PathOf(LeftOutFile.FileName));
        bool hasAll = journal.IsDone || journal.LeftOutBytes == 0 || (leftOut.Exists && leftOut.Length >= journal.LeftOutBytes);
        return hasAll ? null : $"lines of {LeftOutFile.FileName}";
    }

    private void RemoveOurs()
    {
        if (!Directory.Exists(options.Output) || !File.Exists(PathOf(PackJournal.FileName)))
            return;
        foreach (string shard in Directory.EnumerateFiles(options.Output, $"{PackWriter.Prefix}-*.parquet*").ToList())
            File.Delete(shard);
        foreach (string name in new[] { ClassesFile, LeftOutFile.FileName, PackProgress.FileName })
            File.Delete(PathOf(name));
        File.Delete(PathOf(PackJournal.FileName));
    }

    /// <summary>Of all that decides the bytes of the shards.</summary>
    private string Describe(PackList list) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(JsonSerializer.Serialize(
        new
        {
            Format = 2, list.Classes, options.Resize, options.Background, options.Quality, options.RowsPerShard, options.ShardBytes,
            options.MaxPixels,
            Items = list.Digest(),
        }))));

    private string PathOf(string name) => Path.Combine(options.Output, name);
}
