using ClipDistributed.Data.Streams;
using CsCheck;

namespace ClipDistributed.Data.Tests.Streams;

/// <summary>The numbers that an order is made of, drawn at random for property tests.</summary>
internal sealed record OrderCase(long[] ShardRows, ulong Seed, int Batch, int Streams, int Block)
{
    public static readonly Gen<OrderCase> Gen =
        from shardRows in CsCheck.Gen.Long[0, 30].Array[1, 8]
        from seed in CsCheck.Gen.ULong
        from streams in CsCheck.Gen.Int[1, 4]
        from rowsPerStep in CsCheck.Gen.Int[1, 5]
        from block in CsCheck.Gen.Int[1, 25]
        where shardRows.Sum() >= streams * rowsPerStep
        select new OrderCase(shardRows, seed, streams * rowsPerStep, streams, block);

    public SlotRange AllSlots => new(0, Batch);

    public StreamOrder Order() => new(ShardRows, Seed, Batch, Streams, Block);

    public NaiveOrder Naive() => new(ShardRows, Seed, Batch, Streams, Block);
}
