using System.Runtime.CompilerServices;
using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Files;
using ClipDistributed.Contracts.Spec.V1;
using ClipDistributed.Data.Images;
using ClipDistributed.Data.Blocks;
using ClipDistributed.Data.Manifests;
using ClipDistributed.Data.Samples;
using ClipDistributed.Data.Shards;

namespace ClipDistributed.Data.Verification;

/// <summary>
/// Reads and decodes every row, and every image file, as training would, and says what is damaged. A bad file does not end it.
/// </summary>
/// <param name="columns">Names of columns; its path is not looked at.</param>
/// <param name="maxPixels">An image with more pixels is damage.</param>
public sealed class DatasetVerification(SourceSpec columns, long maxPixels)
{
    /// <summary>Of one block; beyond, a number says it.</summary>
    private const int MaxPlaces = 10_000;

    private const int MaxReason = 500;

    /// <summary>
    /// One result for every block, in order; a shard whose footer is damaged, or that has no rows, has one without rows. Then one
    /// for every image file.
    /// </summary>
    /// <param name="workers">Blocks or images read and decoded at once.</param>
    public IEnumerable<VerifiedRows> Run(IReadOnlyList<ImageSource> sources, int workers, CancellationToken cancel = default)
    {
        using var ahead = ReadAhead<VerifiedRows>.Start(
            stop => PartsAsync(sources, stop),
            (part, stop) => part.IsImage ? VerifyImage(part.Path) : Verify(part, stop),
            workers,
            workers
        );
        while (ahead.TryTake(out var verified))
        {
            cancel.ThrowIfCancellationRequested();
            yield return verified;
        }
    }

    private async IAsyncEnumerable<Part> PartsAsync(IReadOnlyList<ImageSource> sources, [EnumeratorCancellation] CancellationToken cancel)
    {
        foreach (string path in sources.SelectMany(source => source.Shards))
        {
            cancel.ThrowIfCancellationRequested();
            await Task.Yield();
            var (entry, problem) = Footer(path);
            if (entry is null)
            {
                yield return new Part(path, null, 0, 0, problem);
                continue;
            }
            if (entry.Loss is { } loss)
                yield return new Part(path, null, 0, 0, loss);
            long row = 0;
            for (int i = 0; i < entry.Blocks.Count; i++)
            {
                yield return new Part(path, entry, i, row, null);
                row += entry.Blocks[i].Rows;
            }
        }
        foreach (string path in sources.SelectMany(source => source.Images))
            yield return new Part(path, null, 0, 0, null, IsImage: true);
    }

    private (ShardEntry? Entry, string? Problem) Footer(string path)
    {
        try
        {
            // Labelled images may lack the column of captions, not captions in it.
            return (ShardDescription.Read(Path.GetFullPath(path), columns, ColumnNeeds.Looked), null);
        }
        catch (BadInputException bad)
        {
            return (null, Without(Path.GetFullPath(path), string.Join(" ", bad.Errors)));
        }
    }

    /// <summary>The path stands before the reason anyway.</summary>
    private static string Without(string path, string reason) =>
        reason.Replace(path + " ", "", StringComparison.Ordinal).Replace(path + ": ", "", StringComparison.Ordinal);

    private VerifiedRows VerifyImage(string path)
    {
        long length = 0;
        string? problem;
        try
        {
            byte[] file = InputFile.ReadBytes(path, null, ImageDecoder.MaxFile);
            length = file.LongLength;
            problem = Problem(file);
        }
        catch (BadInputException unreadable)
        {
            problem = Without(path, unreadable.Message);
        }
        return new VerifiedRows(path, 0, length, problem is null ? [] : [new DamagedPlace(path, null, problem)]) { IsImage = true };
    }

    private VerifiedRows Verify(Part group, CancellationToken cancel)
    {
        if (group.Entry is not { } entry)
        {
            DamagedPlace[] places = group.Problem is { } footer ? [new DamagedPlace(group.Path, null, footer)] : [];
            return new VerifiedRows(group.Path, 0, 0, places) { IsEmpty = group.Problem is null };
        }
        long rows = entry.Blocks[group.Index].Rows;
        try
        {
            var data = BlockReading.ReadAsync(
                entry, group.Index, BlockColumns.Image | BlockColumns.Caption, cancel: cancel).GetAwaiter().GetResult();
            var damaged = new List<DamagedPlace>();
            long count = 0;
            // Rows of one entry of a dictionary share its bytes: a small file may have a million of them.
            var seen = new Dictionary<byte[], string?>(ReferenceEqualityComparer.Instance);
            for (int i = 0; i < data.Rows; i++)
            {
                cancel.ThrowIfCancellationRequested();
                if (Problem(data, i, entry.CaptionColumn is not null, seen) is { } problem && ++count <= MaxPlaces)
                    damaged.Add(new DamagedPlace(group.Path, group.FirstRow + i, problem));
            }
            if (count > MaxPlaces)
                damaged.Add(new DamagedPlace(group.Path, null, $"block {group.Index} has {count - MaxPlaces:N0} more damaged rows"));
            return new VerifiedRows(group.Path, data.Rows, data.Images.Sum(image => image?.LongLength ?? 0), damaged)
            {
                DamagedCount = count,
            };
        }
        catch (Exception e) when (e is DamagedShardException or IOException or BadInputException or UnauthorizedAccessException)
        {
            string reason = e is DamagedShardException { InnerException: { } inner }
                ? $"block {group.Index} ({Counted.Of(rows, "row")}) is damaged: {Excerpt.Of(inner.Message, MaxReason)}"
                : e.Message;
            return new VerifiedRows(group.Path, rows, 0, [new DamagedPlace(group.Path, null, reason.ReplaceLineEndings(" "))]);
        }
    }

    private string? Problem(BlockData rows, int row, bool captioned, Dictionary<byte[], string?> seen)
    {
        if (captioned && rows.Captions[row] is null)
            return "the caption is null";
        byte[] image = rows.Images[row] ?? [];
        if (!seen.TryGetValue(image, out string? problem))
            seen[image] = problem = Problem(image);
        return problem;
    }

    private string? Problem(byte[]? image)
    {
        try
        {
            ImageDecoder.GiveBack(ImageDecoder.Rent(image, maxPixels));
            return null;
        }
        catch (DamagedImageException damage)
        {
            return ImageText.KindOf(image) is { } kind ? $"{damage.Message}: it holds {kind}" : damage.Message;
        }
    }

    /// <summary>A block, a shard that has none, or an image file.</summary>
    private sealed record Part(string Path, ShardEntry? Entry, int Index, long FirstRow, string? Problem, bool IsImage = false);
}

/// <summary>What was read of a shard in one piece, or of an image file.</summary>
/// <param name="Shard">Its path.</param>
/// <param name="Rows">Rows that it should have; 0: a file.</param>
/// <param name="ImageBytes">Of the stored images.</param>
/// <param name="Damaged">In the order of the rows.</param>
public sealed record VerifiedRows(string Shard, long Rows, long ImageBytes, IReadOnlyList<DamagedPlace> Damaged)
{
    /// <summary>More than <see cref="Damaged"/> names, where a block has very many.</summary>
    public long DamagedCount { get; init; } = Damaged.Count;

    /// <summary>The shard is sound but has no rows, or it is a file of 0 bytes: it contributes nothing.</summary>
    public bool IsEmpty { get; init; }

    /// <summary>It is an image file, not a shard.</summary>
    public bool IsImage { get; init; }
}

/// <summary>Something that training cannot use.</summary>
/// <param name="Shard">The file's path.</param>
/// <param name="Row">From 0; null: the whole file or a whole block.</param>
/// <param name="Reason">In words.</param>
public sealed record DamagedPlace(string Shard, long? Row, string Reason);
