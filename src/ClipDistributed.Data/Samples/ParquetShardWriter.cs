using ClipDistributed.Contracts.Files;
using Parquet;
using Parquet.Schema;

namespace ClipDistributed.Data.Samples;

/// <summary>
/// Writes image–caption pairs into shards <c>prefix-00000.parquet</c>, <c>prefix-00001.parquet</c>, … of one folder.
/// A shard gets its name only when all its rows are on disk; one of the same name is replaced. Disposing writes the
/// rows that are left over, unless a write has failed before. Not thread-safe.
/// </summary>
public sealed class ParquetShardWriter : IAsyncDisposable
{
    /// <summary>A row group ends where its images reach this, so that large images do not make groups that no reader can hold.</summary>
    private const long MaxGroupBytes = 256 << 20;

    private readonly string folder, prefix;
    private readonly int rowsPerShard, rowsPerGroup, firstShard;
    private readonly WrittenColumns columns;
    private readonly DataField imageField, captionField;
    private readonly DataField? labelField;
    private readonly List<byte[]?> images = [];
    private readonly List<string?> captions = [];
    private readonly List<int?> labels = [];
    private readonly List<string> shards = [];
    private FileStream? partial;
    private ParquetWriter? writer;
    private int rowsInShard;
    private long groupBytes;
    private bool failed;

    /// <param name="folder">Created if absent.</param>
    /// <param name="prefix">The first part of every file name.</param>
    /// <param name="rowsPerShard">Rows of every shard but the last, at least 1.</param>
    /// <param name="rowsPerGroup">Rows of a row group, at least 1: what a reader must hold in memory at once.</param>
    /// <param name="columns">Their names; null: <c>image</c> and <c>caption</c>.</param>
    /// <param name="firstShard">The number of the first shard.</param>
    public ParquetShardWriter(
        string folder, string prefix, int rowsPerShard, int rowsPerGroup, WrittenColumns? columns = null, int firstShard = 0)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(rowsPerShard, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(rowsPerGroup, 1);
        this.folder = folder;
        this.prefix = prefix;
        this.rowsPerShard = rowsPerShard;
        this.rowsPerGroup = rowsPerGroup;
        this.firstShard = firstShard;
        this.columns = columns ?? new WrittenColumns();
        imageField = new DataField(this.columns.Image, typeof(byte[]), isNullable: true);
        captionField = new DataField(this.columns.Caption, typeof(string), isNullable: true);
        if (this.columns.Label is { } label)
            labelField = new DataField(label, typeof(int), isNullable: true);
        Directory.CreateDirectory(folder);
    }

    /// <summary>The paths of the shards that are complete, in their order.</summary>
    public IReadOnlyList<string> Shards => shards;

    /// <summary>Appends one row; null is written as null.</summary>
    /// <param name="image">The encoded image, kept by reference until its row group is written.</param>
    /// <param name="caption">Its text.</param>
    /// <param name="label">The class; only where the columns have one.</param>
    /// <param name="cancel">Looked at before a row group is written; the shard in work is then given up.</param>
    /// <exception cref="ArgumentException">A label without a column for it.</exception>
    public async Task AddAsync(byte[]? image, string? caption, int? label = null, CancellationToken cancel = default)
    {
        if (label is not null && labelField is null)
            throw new ArgumentException($"The columns have no label; name one in {nameof(WrittenColumns)}.", nameof(label));
        images.Add(image);
        captions.Add(caption);
        labels.Add(label);
        rowsInShard++;
        groupBytes += image?.Length ?? 0;
        bool shardIsFull = rowsInShard == rowsPerShard;
        if (images.Count < rowsPerGroup && groupBytes < MaxGroupBytes && !shardIsFull)
            return;

        await WriteOrGiveUpAsync(async () =>
        {
            await WriteGroupAsync(cancel);
            if (shardIsFull)
                await PublishAsync();
        });
    }

    /// <summary>Ends the shard in work before it is full; nothing happens where it has no rows.</summary>
    public async Task EndShardAsync()
    {
        if (rowsInShard == 0)
            return;
        await WriteOrGiveUpAsync(async () =>
        {
            if (images.Count > 0)
                await WriteGroupAsync(CancellationToken.None);
            await PublishAsync();
        });
    }

    /// <summary>Removes the shard in work; nothing more can be written.</summary>
    public async Task AbandonAsync()
    {
        if (!failed && partial is not null)
            await RemovePartialAsync();
        failed = true;
    }

    public async ValueTask DisposeAsync()
    {
        if (!failed)
            await EndShardAsync();
    }

    /// <summary>Where a writer puts its shards.</summary>
    /// <param name="number">From 0.</param>
    internal static string PathOf(string folder, string prefix, int number) => Path.Combine(folder, $"{prefix}-{number:D5}.parquet");

    private async Task WriteGroupAsync(CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        writer ??= await OpenAsync(cancel);
        using (var group = writer.CreateRowGroup())
        {
            await group.WriteAsync(imageField, images!);
            await group.WriteAsync(captionField, captions!);
            if (labelField is not null)
                await group.WriteAsync<int>(labelField, labels.ToArray());
        }
        images.Clear();
        captions.Clear();
        labels.Clear();
        groupBytes = 0;
    }

    private async Task<ParquetWriter> OpenAsync(CancellationToken cancel)
    {
        var fields = labelField is null ? [imageField, captionField] : new[] { imageField, captionField, labelField };
        // JPEG, PNG and WebP do not shrink any further.
        var options = new ParquetOptions { CompressionMethod = CompressionMethod.None };
        partial = GuardedFile.OpenPartial(PartialPath);
        return await ParquetWriter.CreateAsync(new ParquetSchema(fields), partial, options, cancellationToken: cancel);
    }

    private async Task PublishAsync()
    {
        await writer!.DisposeAsync(); // writes the footer, leaves the file open
        writer = null;
        partial!.Flush(flushToDisk: true); // before its name, so that a shard is whole after a power cut
        string path = NextPath;
        File.Move(PartialPath, path, overwrite: true);
        await partial.DisposeAsync();
        shards.Add(path);
        rowsInShard = 0;
    }

    /// <summary>After a failure nothing more is written and the shard in work is removed.</summary>
    private async Task WriteOrGiveUpAsync(Func<Task> write)
    {
        ObjectDisposedException.ThrowIf(failed, this);
        failed = true;
        try
        {
            await write();
            failed = false;
        }
        finally
        {
            if (failed && partial is not null)
                await RemovePartialAsync();
        }
    }

    private async Task RemovePartialAsync()
    {
        try
        {
            await partial!.DisposeAsync();
        }
        finally
        {
            File.Delete(PartialPath); // closing fails too where the disk is full
        }
    }

    private string NextPath => PathOf(folder, prefix, firstShard + shards.Count);

    private string PartialPath => NextPath + ".partial";
}
