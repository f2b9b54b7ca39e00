using System.Runtime.CompilerServices;
using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Spec.V1;
using ClipDistributed.Data.Images;
using ClipDistributed.Data.Manifests;
using ClipDistributed.Data.Samples;
using ClipDistributed.Data.Shards;

namespace ClipDistributed.Data.Verification;

/// <summary>Reads and decodes every row as training would, and says what is damaged. A bad shard does not end it.</summary>
/// <param name="columns">Names of columns; its path is not looked at.</param>
/// <param name="maxPixels">An image with more pixels is damage.</param>
public sealed class DatasetVerification(SourceSpec columns, long maxPixels)
{
    /// <summary>The shards of files and folders, each folder's at any depth and in ordinal order.</summary>
    /// <exception cref="BadInputException">A path does not exist, or a folder has no shards.</exception>
    public static List<string> Shards(IEnumerable<string> paths)
    {
        var shards = new List<string>();
        foreach (string path in paths)
        {
            if (File.Exists(path))
                shards.Add(path);
            else if (!Directory.Exists(path))
                throw new BadInputException($"{path} does not exist; name Parquet files, or folders of them.");
            else if (ShardListing.Below(path) is { Count: > 0 } files)
                shards.AddRange(files);
            else
                throw new BadInputException($"{path} has no *.parquet files, nor have its sub-folders; name a folder that has some.");
        }
        return shards;
    }

    /// <summary>One result for every row group, in order; a shard whose footer is damaged, or that has no rows, has one without rows.</summary>
    /// <param name="workers">Row groups read and decoded at once.</param>
    public IEnumerable<VerifiedRows> Run(IReadOnlyList<string> shards, int workers, CancellationToken cancel = default)
    {
        using var ahead = ReadAhead<VerifiedRows>.Start(stop => GroupsAsync(shards, stop), (group, stop) => Verify(group, stop), workers, workers);
        while (ahead.TryTake(out var verified))
        {
            cancel.ThrowIfCancellationRequested();
            yield return verified;
        }
    }

    private async IAsyncEnumerable<Group> GroupsAsync(IReadOnlyList<string> shards, [EnumeratorCancellation] CancellationToken cancel)
    {
        foreach (string path in shards)
        {
            cancel.ThrowIfCancellationRequested();
            await Task.Yield();
            var (entry, problem) = Footer(path);
            if (entry is null)
            {
                yield return new Group(path, null, 0, 0, problem);
                continue;
            }
            long row = 0;
            for (int i = 0; i < entry.RowGroups.Count; i++)
            {
                yield return new Group(path, entry, i, row, null);
                row += entry.RowGroups[i].Rows;
            }
        }
    }

    private (ShardEntry? Entry, string? Problem) Footer(string path)
    {
        try
        {
            // Labelled images may lack the column of captions, not captions in it.
            return (ShardFooter.Read(Path.GetFullPath(path), columns, ColumnNeeds.Looked), null);
        }
        catch (BadInputException bad)
        {
            return (null, string.Join(" ", bad.Errors).Replace(Path.GetFullPath(path) + " ", "", StringComparison.Ordinal).Replace(Path.GetFullPath(path) + ": ", "", StringComparison.Ordinal));
        }
    }

    private VerifiedRows Verify(Group group, CancellationToken cancel)
    {
        if (group.Entry is not { } entry)
            return new VerifiedRows(group.Path, 0, 0, group.Problem is null ? [] : [new DamagedPlace(group.Path, null, group.Problem)]) { IsEmpty = group.Problem is null };
        long rows = entry.RowGroups[group.Index].Rows;
        try
        {
            var data = RowGroupReading.ReadAsync(entry, group.Index, RowGroupColumns.Image | RowGroupColumns.Caption, cancel: cancel).GetAwaiter().GetResult();
            var damaged = new List<DamagedPlace>();
            for (int i = 0; i < data.Rows; i++)
            {
                cancel.ThrowIfCancellationRequested();
                if (Problem(data, i, entry.CaptionColumn is not null) is { } problem)
                    damaged.Add(new DamagedPlace(group.Path, group.FirstRow + i, problem));
            }
            return new VerifiedRows(group.Path, data.Rows, data.Images.Sum(image => image?.LongLength ?? 0), damaged);
        }
        catch (Exception e) when (e is DamagedShardException or IOException or BadInputException or UnauthorizedAccessException)
        {
            string reason = e is DamagedShardException { InnerException: { } inner } ? $"row group {group.Index} ({rows:N0} rows) is damaged: {inner.Message}" : e.Message;
            return new VerifiedRows(group.Path, rows, 0, [new DamagedPlace(group.Path, null, reason.ReplaceLineEndings(" "))]);
        }
    }

    private string? Problem(RowGroupData rows, int row, bool captioned)
    {
        if (captioned && rows.Captions[row] is null)
            return "the caption is null";
        try
        {
            ImageDecoder.GiveBack(ImageDecoder.Rent(rows.Images[row], maxPixels));
            return null;
        }
        catch (DamagedImageException damage)
        {
            return ImageText.KindOf(rows.Images[row]) is { } kind ? $"{damage.Message}: it holds {kind}" : damage.Message;
        }
    }

    private sealed record Group(string Path, ShardEntry? Entry, int Index, long FirstRow, string? Problem);
}

/// <summary>What was read of a shard in one piece.</summary>
/// <param name="Shard">Its path.</param>
/// <param name="Rows">Rows that it should have.</param>
/// <param name="ImageBytes">Of the stored images.</param>
/// <param name="Damaged">In the order of the rows.</param>
public sealed record VerifiedRows(string Shard, long Rows, long ImageBytes, IReadOnlyList<DamagedPlace> Damaged)
{
    /// <summary>The shard is sound but has no rows, or it is a file of 0 bytes: it contributes nothing.</summary>
    public bool IsEmpty { get; init; }
}

/// <summary>Something that training cannot use.</summary>
/// <param name="Shard">The file's path.</param>
/// <param name="Row">From 0; null: the shard or a whole row group.</param>
/// <param name="Reason">In words.</param>
public sealed record DamagedPlace(string Shard, long? Row, string Reason);
