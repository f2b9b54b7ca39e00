using ClipDistributed.Coordinator.Links;
using ClipDistributed.Coordinator.Replicas;
using ClipDistributed.Coordinator.Settings;
using Google.Protobuf;
using Grpc.Core;

namespace ClipDistributed.Coordinator.Tests.Replicas;

public class RendezvousTests
{
    private readonly Rendezvous rendezvous = new(new CoordinatorOptions(), TimeProvider.System);

    [Fact]
    public async Task Get_BeforeSet_WaitsForIt()
    {
        rendezvous.Open("demo-1", 1);
        var waiting = rendezvous.GetAsync("demo-1", 1, "rank0", CancellationToken.None);
        Assert.False(waiting.IsCompleted);
        rendezvous.Set("demo-1", 1, "rank0", ByteString.CopyFromUtf8("here"));
        Assert.Equal("here", (await waiting).ToStringUtf8());
    }

    [Fact]
    public async Task Get_GenerationEnds_IsAborted()
    {
        rendezvous.Open("demo-1", 1);
        var waiting = rendezvous.GetAsync("demo-1", 1, "rank0", CancellationToken.None);
        rendezvous.Close("demo-1", 1);
        Assert.Equal(StatusCode.Aborted, (await Assert.ThrowsAsync<RequestRefusedException>(() => waiting)).Status);
        Assert.Equal(
            StatusCode.Aborted,
            (
                await Assert.ThrowsAsync<RequestRefusedException>(() => rendezvous.GetAsync("demo-1", 1, "rank0", CancellationToken.None))
            ).Status
        );
    }

    [Fact]
    public async Task Get_OtherGeneration_SeesOtherKeys()
    {
        rendezvous.Open("demo-1", 1);
        rendezvous.Open("demo-1", 2);
        rendezvous.Set("demo-1", 1, "rank0", ByteString.CopyFromUtf8("old"));
        rendezvous.Set("demo-1", 2, "rank0", ByteString.CopyFromUtf8("new"));
        Assert.Equal("new", (await rendezvous.GetAsync("demo-1", 2, "rank0", CancellationToken.None)).ToStringUtf8());
    }

    [Fact]
    public async Task Set_BeyondItsBounds_IsRefusedAndOthersGoOn()
    {
        var limits = new CoordinatorLimits { RendezvousKeyLength = 8, RendezvousValueBytes = 10, RendezvousKeys = 3, RendezvousBytes = 15 };
        var small = new Rendezvous(new CoordinatorOptions { Limits = limits }, TimeProvider.System);
        small.Open("demo-1", 1);
        Refused(StatusCode.InvalidArgument, "123456789", 1);
        Refused(StatusCode.InvalidArgument, "rank0", 11);
        small.Set("demo-1", 1, "rank0", ByteString.CopyFrom(new byte[10]));
        Refused(StatusCode.ResourceExhausted, "rank1", 6);
        small.Set("demo-1", 1, "rank1", ByteString.CopyFrom(new byte[5]));
        small.Set("demo-1", 1, "rank2", ByteString.Empty);
        Refused(StatusCode.ResourceExhausted, "rank3", 0);
        Assert.Equal(
            StatusCode.ResourceExhausted,
            (await Assert.ThrowsAsync<RequestRefusedException>(() => small.GetAsync("demo-1", 1, "rank4", CancellationToken.None))).Status
        );
        Assert.Equal(10, (await small.GetAsync("demo-1", 1, "rank0", CancellationToken.None)).Length);

        void Refused(StatusCode status, string key, int bytes) =>
            Assert.Equal(
                status,
                Assert.Throws<RequestRefusedException>(() => small.Set("demo-1", 1, key, ByteString.CopyFrom(new byte[bytes]))).Status
            );
    }

    [Fact]
    public async Task Get_NoMemberSets_TimesOut()
    {
        var impatient = new Rendezvous(new CoordinatorOptions { RendezvousTimeout = TimeSpan.FromMilliseconds(1) }, TimeProvider.System);
        impatient.Open("demo-1", 1);
        Assert.Equal(
            StatusCode.DeadlineExceeded,
            (
                await Assert.ThrowsAsync<RequestRefusedException>(() => impatient.GetAsync("demo-1", 1, "rank0", CancellationToken.None))
            ).Status
        );
    }
}
