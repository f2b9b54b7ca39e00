using ClipDistributed.Collectives.Gloo;
using ClipDistributed.Contracts.Errors;
using CsCheck;

namespace ClipDistributed.Collectives.Tests.Gloo;

public sealed unsafe class GlooCollectiveTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void Connect_OfEveryWorld_SetsOneKeyAndReadsThePeers(int world)
    {
        var rendezvous = new MemoryRendezvous();
        int[] ranks = Members.Each(world, rank =>
        {
            using var group = GlooCollective.Connect(Members.Options(rank, world), rendezvous);
            Assert.Equal(world, group.World);
            return group.Rank;
        });
        Assert.Equal(Enumerable.Range(0, world), ranks);
        Assert.Equal(world * world, rendezvous.Calls);
    }

    [Theory]
    [InlineData(1, new long[] { 5 })]
    [InlineData(2, new long[] { 0, 3 })]
    [InlineData(3, new long[] { 70_000, 0, 1 })]
    [InlineData(4, new long[] { 0, 0, 0, 2 })]
    [InlineData(4, new long[] { 0, 0, 0, 0 })]
    public void AllGather_UnevenCounts_IsInRankOrder(int world, long[] counts)
    {
        float[][] gathered = Members.Run(world, group => Gather(group, counts));
        Assert.All(gathered, all => Assert.Equal(Expected(counts), all));
    }

    [Fact]
    public void AllGather_RandomCounts_IsInRankOrder()
    {
        var operations = Gen.Long[0, 3000].Array[3].Array[1, 4];
        operations.Sample(
            list =>
            {
                var results = Members.Run(3, group => list.Select(counts => Gather(group, counts)).ToArray());
                foreach (var ofMember in results)
                    Assert.Equal(list.Select(Expected), ofMember);
            },
            iter: 25);
    }

    [Fact]
    public void AllReduce_RandomCounts_IsTheSumToEveryBit()
    {
        // Whole numbers of this size add up exactly, in any order.
        var counts = Gen.Long[0, 20_000].Array[1, 8];
        counts.Sample(
            list =>
            {
                var results = Members.Run(4, group =>
                {
                    float[][] data = [.. list.Select(count => Values(count, i => (i % 1000) * (group.Rank + 1)))];
                    Reduce(group, data);
                    return data;
                });
                foreach (var ofMember in results)
                    Assert.Equal(list.Select(count => Values(count, i => (i % 1000) * 10)), ofMember);
            },
            iter: 25);
    }

    [Theory]
    [InlineData(2, 1)]
    [InlineData(3, 100_003)]
    [InlineData(4, 3_000_001)]
    public void AllReduce_Float32_IsNearTheDoubleSumAndTheSameOnAll(int world, int count)
    {
        float[][] own = [.. Enumerable.Range(0, world).Select(rank => Random(rank, count))];
        float[][] sums = Members.Run(world, group =>
        {
            float[] data = [.. own[group.Rank]];
            Reduce(group, [data]);
            return data;
        });
        for (int i = 0; i < count; i++)
        {
            double exact = own.Sum(data => (double)data[i]);
            Assert.Equal(exact, sums[0][i], world * 1e-6);
        }
        Assert.All(sums, sum => Assert.Equal(sums[0], sum));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(4)]
    public void AllReduce_BFloat16_RoundsEveryAdditionToTheNearest(int world)
    {
        const int count = 100_001;
        ushort[][] own = [.. Enumerable.Range(0, world).Select(rank => Array.ConvertAll(Random(rank, count), Narrow))];
        ushort[][] sums = Members.Run(world, group =>
        {
            ushort[] data = [.. own[group.Rank]];
            fixed (ushort* pointer = data)
                group.StartAllReduce((nint)pointer, count, ElementType.BFloat16).Wait();
            return data;
        });
        for (int i = 0; i < count; i++)
        {
            double exact = own.Sum(data => (double)Widen(data[i]));
            // Half a unit in the last place (2⁻⁹) of a partial sum below world, at every addition.
            Assert.Equal(exact, Widen(sums[0][i]), (world - 1) * world / 512.0);
            if (world == 2)
                Assert.Equal(Narrow(Widen(own[0][i]) + Widen(own[1][i])), sums[0][i]);
        }
        Assert.All(sums, sum => Assert.Equal(sums[0], sum));
    }

    [Fact]
    public void AllReduce_BFloat16NotFinite_StaysNotFinite()
    {
        ushort[] special = [0x7f80, 0xff80, 0x7fc0, 0x7f81, 0x7f7f];
        ushort[][] sums = Members.Run(2, group =>
        {
            ushort[] data = [.. special];
            fixed (ushort* pointer = data)
                group.StartAllReduce((nint)pointer, data.Length, ElementType.BFloat16).Wait();
            return data;
        });
        float[] wide = Array.ConvertAll(sums[0], Widen);
        Assert.Equal([float.PositiveInfinity, float.NegativeInfinity, float.NaN, float.NaN, float.PositiveInfinity], wide);
    }

    [Fact]
    public void StartAllReduce_ManyAtOnceBesideBlockingOperations_AllComplete()
    {
        const int buckets = 40, count = 50_021;
        float[][][] sums = Members.Run(4, group =>
        {
            float[][] data = [.. Enumerable.Range(0, buckets).Select(bucket => Values(count, i => (bucket + i) % 100))];
            Reduce(group, data, () => Assert.Equal(Expected([1, 2, 3, 4]), Gather(group, [1, 2, 3, 4])));
            return data;
        });
        foreach (var ofMember in sums)
        {
            for (int bucket = 0; bucket < buckets; bucket++)
                Assert.Equal(Values(count, i => (bucket + i) % 100 * 4), ofMember[bucket]);
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void AllReduce_AnyNumberOfThreads_GivesTheSameBitsAgain(int threads)
    {
        float[][] Sums() => Members.Run(4, group =>
        {
            float[][] data = [.. Enumerable.Range(0, 6).Select(bucket => Random(10 * bucket + group.Rank, 60_000 + bucket))];
            Reduce(group, data);
            return data.SelectMany(bucket => bucket).ToArray();
        }, options => options with { Threads = threads });
        float[][] first = Sums();
        Assert.All(first.Concat(Sums()), sums => Assert.Equal(first[0], sums));
    }

    [Theory]
    [InlineData(1, 0)]
    [InlineData(3, 2)]
    [InlineData(4, 1)]
    public void Broadcast_FromAnyRoot_ReachesAll(int world, int root)
    {
        byte[][] received = Members.Run(world, group =>
        {
            byte[] data = new byte[200_001];
            if (group.Rank == root)
                new Random(1).NextBytes(data);
            fixed (byte* pointer = data)
                group.Broadcast((nint)pointer, data.Length, ElementType.Byte, root);
            return data;
        });
        Assert.Contains(received[root], value => value != 0);
        Assert.All(received, data => Assert.Equal(received[root], data));
    }

    [Fact]
    public void Groups_TwoInOneProcess_DoNotMeet()
    {
        float[][][] results = Members.Each(2, index => Members.Run(2, group =>
        {
            float[] data = Values(10_000, i => index + i);
            for (int round = 0; round < 20; round++)
                Reduce(group, [data]);
            return data;
        }));
        for (int index = 0; index < 2; index++)
            Assert.All(results[index], data => Assert.Equal(Values(10_000, i => (index + i) * MathF.Pow(2, 20)), data));
    }

    [Fact]
    public void Connect_AddressOfNobody_IsBadInputThatListsInterfaces()
    {
        var error = Assert.Throws<BadInputException>(() =>
            GlooCollective.Connect(Members.Options(0, 2) with { Address = "nosuch0" }, new MemoryRendezvous())
        );
        Assert.StartsWith("The collective address \"nosuch0\" is neither", error.Message, StringComparison.Ordinal);
        Assert.Contains("lo (127.0.0.1", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Connect_InterfaceByName_ListensThere() =>
        Assert.Equal([0, 1], Members.Run(2, group => group.Rank, options => options with { Address = "lo" }));

    private static float[] Gather(GlooCollective group, long[] counts)
    {
        float[] own = Values(counts[group.Rank], i => group.Rank * 1_000_000 + i);
        float[] all = new float[counts.Sum()];
        fixed (float* from = own, to = all)
            group.AllGather((nint)from, (nint)to, counts, ElementType.Float32);
        return all;
    }

    private static float[] Expected(long[] counts) => [.. counts.SelectMany((count, rank) => Values(count, i => rank * 1_000_000 + i))];

    /// <summary>Starts all of them, does something else, then waits.</summary>
    private static void Reduce(GlooCollective group, float[][] data, Action? meanwhile = null)
    {
        var pins = data.Select(values => new Memory<float>(values).Pin()).ToList();
        var works = data.Select((values, i) => group.StartAllReduce((nint)pins[i].Pointer, values.Length, ElementType.Float32)).ToList();
        meanwhile?.Invoke();
        works.ForEach(work => work.Wait());
        pins.ForEach(pin => pin.Dispose());
    }

    private static float[] Values(long count, Func<int, float> value) => [.. Enumerable.Range(0, (int)count).Select(value)];

    private static float[] Random(int seed, int count)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ => 2 * random.NextSingle() - 1)];
    }

    private static float Widen(ushort value) => BitConverter.UInt32BitsToSingle((uint)value << 16);

    private static ushort Narrow(float value)
    {
        uint bits = BitConverter.SingleToUInt32Bits(value);
        return (ushort)((bits + 0x7fff + ((bits >> 16) & 1)) >> 16);
    }
}
