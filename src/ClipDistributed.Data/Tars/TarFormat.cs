using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Spec.V1;
using ClipDistributed.Data.Shards;

namespace ClipDistributed.Data.Tars;

/// <summary>
/// WebDataset tars, as img2dataset writes them: a sample is the members of one key, as in <c>000001.jpg</c>, <c>000001.txt</c> and
/// <c>000001.json</c>. A tar has no footer, so its headers are walked once; then the manifest says where each block begins.
/// </summary>
internal sealed class TarFormat : IShardFormat
{
    public string Name => "tar";

    public string Title => "tar";

    public IReadOnlyList<string> Endings { get; } = [".tar"];

    public bool Begins(ReadOnlySpan<byte> start) => TarHeader.IsHeader(start);

    public ShardEntry? Describe(IByteSource source, SourceSpec columns, ColumnNeeds needs)
    {
        CheckStart(source);
        var samples = TarSamples.Read(source, 0, source.Length);
        if (samples.Count == 0)
            return samples.Break is null ? null : throw new InvalidDataException(samples.Break);
        var entry = Choose(source, samples, columns, needs);
        var rows = samples.Rows(TarColumns.Of(entry));
        return rows.Count == 0
            ? throw new InvalidDataException(samples.Break ?? "no sample has an image")
            : entry with
            {
                Blocks = TarBlocks.Cut(samples, rows),
                Tail = samples.Digest(),
                Loss = samples.Break is { } broken
                    ? $"{broken}; only the {Counted.Of(rows.Count, "whole sample")} before that can be used"
                    : null,
            };
    }

    public BlockData ReadBlock(IByteSource source, ShardEntry shard, int block, BlockColumns columns, CancellationToken cancel)
    {
        var (entry, chosen) = (shard.Blocks[block], TarColumns.Of(shard));
        bool isLast = block == shard.Blocks.Count - 1;
        var samples = TarSamples.Read(
            source, StartOf(shard, block), isLast ? source.Length : StartOf(shard, block + 1), cancel);
        if (samples.Break is { } broken && !(isLast && shard.Loss is not null))
            throw new InvalidDataException(broken);
        var rows = samples.Rows(chosen);
        if (rows.Count != entry.Rows || rows.Sum(TarRows.BytesOf) != entry.Bytes)
            throw new ShardChangedException(shard.Path, $"block {block} has {Counted.Plain(rows.Count, "sample")} of other sizes");

        var bytes = new TarRows(source, chosen, columns.HasFlag(BlockColumns.Image));
        var data = new BlockData(
            new byte[]?[rows.Count], new string?[rows.Count],
            columns.HasFlag(BlockColumns.Label) && shard.LabelColumn is not null ? new string?[rows.Count] : null);
        bool areNumbers = true;
        for (int i = 0; i < rows.Count; i++)
        {
            cancel.ThrowIfCancellationRequested();
            if (columns.HasFlag(BlockColumns.Image))
                data.Images[i] = bytes.Image(rows[i]);
            if (columns.HasFlag(BlockColumns.Caption))
                data.Captions[i] = bytes.Caption(rows[i]);
            if (data.Labels is not null)
            {
                (data.Labels[i], bool isNumber) = bytes.Label(rows[i]);
                areNumbers &= isNumber || data.Labels[i] is null;
            }
        }
        return data with { LabelsAreNumbers = data.Labels is not null && areNumbers };
    }

    public IReadOnlyList<StoredColumn> Columns(IByteSource source, ShardEntry shard)
    {
        var chosen = TarColumns.Of(shard);
        return
        [
            .. TarSamples.Read(source, 0, source.Length).Endings.Select(ending => new StoredColumn(
                ending.Ending, Counted.Of(ending.Count, "member"), chosen.UseOf(ending.Ending))),
        ];
    }

    /// <summary>A column may be missing because the tar is cut short before it.</summary>
    private static ShardEntry Choose(IByteSource source, TarSamples samples, SourceSpec columns, ColumnNeeds needs)
    {
        try
        {
            return TarColumns.Choose(source, samples, columns, needs);
        }
        catch (BadInputException missing) when (samples.Break is { } broken)
        {
            throw new BadInputException([.. missing.Errors.Select(error => $"{error} It is damaged, too: {broken}.")]);
        }
    }

    private static long StartOf(ShardEntry shard, int block) => shard.Blocks[block].Start
        ?? throw new ShardChangedException(shard.Path, "the manifest does not say where its blocks begin");

    private static void CheckStart(IByteSource source)
    {
        Span<byte> start = stackalloc byte[(int)Math.Min(source.Length, TarHeader.Length)];
        source.Read(0, start);
        if (start is [0x1F, 0x8B, ..] or [(byte)'B', (byte)'Z', (byte)'h', ..] or [0x28, 0xB5, 0x2F, 0xFD, ..]) // gzip, bzip2, Zstandard
            throw new InvalidDataException("it is compressed, and is read by place: decompress it");
        if (start.Length < TarHeader.Length)
            throw new InvalidDataException($"it ends at byte {start.Length}, inside a header");
        if (start.ContainsAnyExcept((byte)0) && !TarHeader.IsHeader(start))
            throw new InvalidDataException("it does not begin with the header of a member");
    }
}
