using ClipDistributed.Data.Samples;

namespace ClipDistributed.Data.Packing;

/// <summary>Writes rows into shards, in the order of their items, and counts them. Ends a shard where the options say so.</summary>
/// <param name="options">What is packed, and how.</param>
/// <param name="list">All items.</param>
/// <param name="start">How far they are packed.</param>
/// <param name="progress">The rows that are in no finished shard.</param>
internal sealed class PackWriter(PackOptions options, PackList list, PackJournal start, PackProgress progress) : IAsyncDisposable
{
    public const string Prefix = "shard";
    private const int RowsPerGroup = 500;

    private readonly ParquetShardWriter shards = new(
        options.Output, Prefix, int.MaxValue, Math.Min(RowsPerGroup, options.RowsPerShard),
        new WrittenColumns(Label: list.Classes is null ? null : "label"), start.Shards);

    private readonly LeftOutFile leftOut = new(options.Output, start.LeftOutBytes);
    private int rowsInShard;
    private long bytesInShard;

    /// <summary>The sums; shards and what they hold only of those that are finished.</summary>
    public PackJournal Journal { get; private set; } = start;

    /// <summary>The number of items that are dealt with.</summary>
    public int Done { get; private set; } = start.Next;

    /// <summary>Rows, those of the shard in work too.</summary>
    public long Rows => Journal.Rows + rowsInShard;

    /// <param name="row">What became of the next item.</param>
    /// <param name="isReplayed">It is in the progress file already.</param>
    /// <param name="cancel">Looked at before a row group is written.</param>
    public async Task AddAsync(PackedRow row, bool isReplayed, CancellationToken cancel)
    {
        if (!isReplayed)
        {
            if (row.Image is { } next && IsFull(next))
                await EndShardAsync();
            progress.Append(row);
        }
        var item = list.Items[Done];
        if (row.Image is { } image)
        {
            await shards.AddAsync(image, row.Caption, item.Label, cancel);
            (rowsInShard, bytesInShard) = (rowsInShard + 1, bytesInShard + image.Length);
            if (row.IsTransparent && list.IsFirstOfImage(Done))
                Journal = Journal with { Transparent = Journal.Transparent + 1 };
        }
        else
        {
            LeaveOut(item, row.Problem!);
        }
        Done++;
    }

    /// <summary>All items are dealt with.</summary>
    public async Task CompleteAsync() => await EndShardAsync();

    /// <summary>Removes the shard in work; its rows stay in the progress file.</summary>
    public Task AbandonAsync() => shards.AbandonAsync();

    public async ValueTask DisposeAsync()
    {
        leftOut.Dispose();
        await shards.DisposeAsync();
    }

    private bool IsFull(byte[] next) =>
        rowsInShard > 0 && (rowsInShard == options.RowsPerShard || bytesInShard + next.Length > options.ShardBytes);

    private void LeaveOut(PackItem item, string reason)
    {
        leftOut.Append(item, reason);
        string example = item.Line is { } line ? $"{item.Name} (line {line})" : item.Name;
        var before = Journal.LeftOut.GetValueOrDefault(reason, new LeftOutReason(0, []));
        Journal.LeftOut[reason] = before.With(item.Detail is null ? example : $"{example}: {item.Detail}", isRow: item.Line is not null);
        Journal = Journal with { LostRows = Journal.LostRows + (item.Line is null ? 0 : 1) };
    }

    private async Task EndShardAsync()
    {
        await shards.EndShardAsync();
        Journal = Journal with
        {
            Next = Done, Shards = Journal.Shards + (rowsInShard > 0 ? 1 : 0), Rows = Rows, ImageBytes = Journal.ImageBytes + bytesInShard,
            LeftOutBytes = leftOut.Length, IsDone = Done == list.Items.Count,
        };
        Journal.Save(options.Output);
        (rowsInShard, bytesInShard) = (0, 0);
        progress.Begin(Journal);
    }
}
