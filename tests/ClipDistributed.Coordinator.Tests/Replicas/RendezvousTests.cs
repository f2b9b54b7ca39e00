using ClipDistributed.Coordinator.Replicas;
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
        Assert.Equal(StatusCode.Aborted, (await Assert.ThrowsAsync<RequestRefusedException>(() => rendezvous.GetAsync("demo-1", 1, "rank0", CancellationToken.None))).Status);
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
    public async Task Get_NobodySets_IsLate()
    {
        var impatient = new Rendezvous(new CoordinatorOptions { RendezvousTimeout = TimeSpan.FromMilliseconds(1) }, TimeProvider.System);
        impatient.Open("demo-1", 1);
        Assert.Equal(StatusCode.DeadlineExceeded, (await Assert.ThrowsAsync<RequestRefusedException>(() => impatient.GetAsync("demo-1", 1, "rank0", CancellationToken.None))).Status);
    }
}
