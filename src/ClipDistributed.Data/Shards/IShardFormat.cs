using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Spec.V1;

namespace ClipDistributed.Data.Shards;

/// <summary>
/// A kind of data file. It has no state: a shard is opened for each block, which makes an outage of its disk or network a matter of
/// another try. Nothing above it knows how a shard is built. Damage is an <see cref="InvalidDataException"/>, and a fault of disk or
/// network an <see cref="IOException"/>: damaged rows are replaced, on every host alike; a fault is tried again.
/// </summary>
public interface IShardFormat
{
    /// <summary>In manifests.</summary>
    string Name { get; }

    /// <summary>In messages, after "a": "Parquet file".</summary>
    string Title { get; }

    /// <summary>Of file names, with their point.</summary>
    IReadOnlyList<string> Endings { get; }

    /// <summary>Whether a file begins as one of this format does.</summary>
    /// <param name="start">Up to <see cref="StartLength"/> bytes.</param>
    bool Begins(ReadOnlySpan<byte> start);

    /// <summary>Enough to tell any format by.</summary>
    const int StartLength = 512;

    /// <summary>Blocks and columns of a shard, with as little reading as the format allows.</summary>
    /// <param name="columns">Names of columns; its path is not looked at.</param>
    /// <returns>
    /// An entry without <see cref="ShardEntry.Name"/> and <see cref="ShardEntry.Format"/>, which its reader fills in; null: the shard has
    /// no rows.
    /// </returns>
    /// <exception cref="InvalidDataException">It is not of this format, or damaged so that nothing can be read.</exception>
    /// <exception cref="BadInputException">Its columns cannot be used; every reason, each with the shard's path.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    ShardEntry? Describe(IByteSource source, SourceSpec columns, ColumnNeeds needs);

    /// <summary>The rows of one block; columns that the shard has not are left out.</summary>
    /// <param name="source">As long as the entry says.</param>
    /// <param name="block">From 0.</param>
    /// <param name="cancel">Ends the reading between two pieces.</param>
    /// <exception cref="InvalidDataException">The bytes of the block are damaged.</exception>
    /// <exception cref="ShardChangedException">The shard is not the one that the entry describes.</exception>
    /// <exception cref="BadInputException">It uses what this program cannot read.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    BlockData ReadBlock(IByteSource source, ShardEntry shard, int block, BlockColumns columns, CancellationToken cancel);

    /// <summary>All columns, those that are not used too, human-readable.</summary>
    /// <exception cref="InvalidDataException">The shard is damaged.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    IReadOnlyList<StoredColumn> Columns(IByteSource source, ShardEntry shard);
}
