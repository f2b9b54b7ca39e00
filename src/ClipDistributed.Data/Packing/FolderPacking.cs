using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Files;
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
    private const int MaxReasons = 8;

    /// <summary>Packs what is not packed yet.</summary>
    /// <param name="progress">Is given how many of how many pictures are done.</param>
    /// <param name="cancel">Stops: the summary says how far it came, and the next run goes on from there.</param>
    /// <exception cref="BadInputException">An option is wrong, the folder holds something else, or no picture could be packed.</exception>
    /// <exception cref="OperationCanceledException">Stopped before the first picture.</exception>
    public async Task<PackSummary> RunAsync(Action<int, int>? progress = null, CancellationToken cancel = default)
    {
        options.Check();
        CheckOutput();
        // Listing a large folder takes minutes and writes nothing: a stop does not wait for it.
        var (list, description) = await Task.Run(List, cancel).WaitAsync(cancel);
        if (!options.Overwrite && PackJournal.Load(options.Output) is { IsDone: true } done)
        {
            CheckSame(done, description);
            return Summary(list, done, done.Rows, done.Rows, remaining: 0);
        }
        Directory.CreateDirectory(options.Output);
        using var record = new PackProgress(options.Output);
        var journal = Prepare(description, record);
        if (list.Classes is not null)
            DurableFile.WriteAllText(PathOf(ClassesFile), string.Concat(list.Classes.Select(name => name + "\n")));
        var summary = await PackAsync(list, journal, record, progress, cancel);
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

    /// <summary>The main cause first.</summary>
    private BadInputException NothingPacked(PackList list, PackSummary summary)
    {
        List<string> errors =
        [
            .. summary
                .Reasons.Take(MaxReasons)
                .Select(reason =>
                    $"Nothing could be packed: {What(reason.Value)} "
                    + $"{(reason.Value.Count == 1 ? "that" : "of which each")} {reason.Key}: {string.Join(", ", reason.Value.Examples)}"
                ),
        ];
        if (summary.LeftOut.Count > MaxReasons)
            errors.Add($"Nothing could be packed: {summary.LeftOut.Count - MaxReasons} more reasons.");
        if (list.IsListed && !options.MatchNames)
        {
            errors.Add(
                "Paths of a list are taken as they stand, or below the folders, beside the list, below the working directory; "
                    + "--match-names takes files by their names alone."
            );
        }
        return new BadInputException(errors);

        string What(LeftOutReason reason)
        {
            string ending = reason.Count == 1 ? "" : "s";
            return reason.Rows == 0 ? $"{reason.Count:N0} file{ending}"
                : reason.Rows == reason.Count ? $"{reason.Count:N0} row{ending} of {options.Captions}"
                : $"{Counted.Of(reason.Count, "row")} or files";
        }
    }

    private async Task<PackSummary> PackAsync(
        PackList list, PackJournal journal, PackProgress record, Action<int, int>? progress, CancellationToken cancel)
    {
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
        catch (IOException world)
        {
            await writer.AbandonAsync();
            throw new IOException(
                $"{world.Message.TrimEnd('.')}; what was packed into {options.Output} stays, and the same "
                    + $"command{(options.Overwrite ? " without --overwrite" : "")} "
                    + "goes on from there.",
                world
            );
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

    /// <summary>Before any work.</summary>
    private void CheckOutput()
    {
        OutputPath.CheckFolder(options.Output, "--out", empty: false);
        bool isOurs = !Directory.Exists(options.Output) || File.Exists(PathOf(PackJournal.FileName))
            || Directory.EnumerateFileSystemEntries(options.Output).All(path => IsOfABeginning(Path.GetFileName(path)));
        if (!isOurs)
            throw new BadInputException($"{options.Output} is not empty and was not made by clipd data pack; name another folder.");

        // A kill may leave these before the first journal has its name.
        static bool IsOfABeginning(string name) =>
            name == PackProgress.FileName || name.StartsWith($"{PackJournal.FileName}.", StringComparison.Ordinal);
    }

    private PackJournal Prepare(string description, PackProgress record)
    {
        GuardedFile.RemoveAbandoned(options.Output, TimeSpan.Zero); // of a process that was killed: this one alone writes here
        if (options.Overwrite)
            RemoveOurs();
        if (PackJournal.Load(options.Output) is { } journal)
        {
            CheckSame(journal, description);
            return journal;
        }
        var start = PackJournal.Start(description);
        start.Save(options.Output);
        record.Begin(start);
        return start;
    }

    private void CheckSame(PackJournal journal, string description)
    {
        if (journal.Description != description)
            throw new BadInputException(
                $"{options.Output} was packed from other files or with other options; name another folder, or say --overwrite to "
                    + "pack it again."
            );
        if (Lacks(journal) is { } lost)
            throw new BadInputException($"{options.Output} lacks {lost} that it held before; say --overwrite to pack it again.");
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
        if (!File.Exists(PathOf(PackJournal.FileName)))
            return;
        foreach (string shard in Directory.EnumerateFiles(options.Output, $"{PackWriter.Prefix}-*.parquet*").ToList())
            File.Delete(shard);
        foreach (string name in new[] { ClassesFile, LeftOutFile.FileName, PackJournal.FileName })
            File.Delete(PathOf(name));
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
