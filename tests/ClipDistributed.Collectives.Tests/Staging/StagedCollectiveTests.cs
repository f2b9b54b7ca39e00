using ClipDistributed.Collectives.Cuda;
using ClipDistributed.Collectives.Gloo;
using ClipDistributed.Collectives.Staging;
using ClipDistributed.Contracts.Errors;
using ClipDistributed.TestKit.Gpu;

namespace ClipDistributed.Collectives.Tests.Staging;

/// <summary>Two members on one card over Gloo. The stand-in's device memory cannot be read by the host: an address that reached Gloo
/// would end the process.</summary>
[Collection(nameof(StandIn))] // what is set there holds for the whole process
public sealed class StagedCollectiveTests
{
    private const int Count = 3;

    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Slow = TimeSpan.FromMilliseconds(50);
    private static readonly CudaOptions Cuda = new() { Device = 1, Library = StandIn.Library };

    [Fact]
    public void Operations_DataThatTheStreamStillMakes_AreThoseOfAllMembers()
    {
        float[][] results = Run((group, memory) =>
        {
            StandIn.Fill(memory, [1, 2, group.Rank, 3, 4], Slow);
            var first = group.StartAllReduce(memory, Count, ElementType.Float32);
            var second = group.StartAllReduce(memory + Count * sizeof(float), 2, ElementType.Float32);
            second.Wait();
            first.Wait();
            group.Broadcast(memory, 1, ElementType.Float32, 1);
            return StandIn.Read(memory, Count + 2);
        });
        Assert.All(results, values => Assert.Equal([2, 4, 1, 6, 8], values));
    }

    [Fact]
    public void AllGather_UnevenCounts_PlacesEveryMember()
    {
        float[][] results = Run((group, memory) =>
        {
            StandIn.Fill(memory + Count * sizeof(float), [7, 8], Slow);
            group.AllGather(memory + Count * sizeof(float), memory, [1, 2], ElementType.Float32);
            return StandIn.Read(memory, Count);
        });
        Assert.All(results, values => Assert.Equal([7, 7, 8], values));
    }

    [Fact]
    public void Abort_PeerNeverStartsTheOperation_WakesTheWait()
    {
        Run((group, memory) =>
        {
            if (group.Rank == 1)
                return [];
            var work = group.StartAllReduce(memory, Count, ElementType.Float32);
            var wait = Task.Factory.StartNew(work.Wait, TaskCreationOptions.LongRunning);
            group.Abort();
            Assert.ThrowsAsync<CollectiveException>(() => wait.WaitAsync(Bound)).Wait();
            return [];
        });
    }

    [Fact]
    public void Open_CudaMissing_IsBadInput()
    {
        using var solo = new SoloCollective();
        var options = Cuda with { Library = "/nowhere/libcudart.so" };
        Assert.Throws<BadInputException>(() => StagedCollective.Open(solo, options, "generation 1"));
    }

    private static float[][] Run(Func<StagedCollective, nint, float[]> member)
    {
        var rendezvous = new MemoryRendezvous();
        return Members.Each(2, rank =>
        {
            using var group = StagedCollective.Open(GlooCollective.Connect(Members.Options(rank, 2), rendezvous), Cuda, "generation 1");
            nint memory = StandIn.Allocate((Count + 2) * sizeof(float));
            try
            {
                StandIn.UseDevice(1);
                return member(group, memory);
            }
            finally
            {
                group.Dispose();
                StandIn.Free(memory);
            }
        });
    }
}
