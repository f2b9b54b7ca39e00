using System.Net;
using ClipDistributed.Coordinator.Tests.Scripted;
using ClipDistributed.TestKit.Coordinators;
using Grpc.Core;

namespace ClipDistributed.Coordinator.Tests.Links;

public class UnreadableRequestsTests
{
    private static readonly Marshaller<byte[]> Bytes = Marshallers.Create<byte[]>(message => message, message => message);

    public static TheoryData<string> Unary =>
        [
            "control.v1.ControlService/SubmitJob",
            "control.v1.ControlService/GetRun",
            "control.v1.ControlService/WatchRun",
            "control.v1.ControlService/DrainHost",
            "replica.v1.ReplicaService/SetRendezvous",
            "replica.v1.ReplicaService/GetRendezvous",
        ];

    [Theory, MemberData(nameof(Unary))]
    public async Task Call_BytesThatAreNoMessage_AreInvalidArgumentAndOneLineForMany(string method)
    {
        await using var coordinator = await TestCoordinator.StartAsync();
        for (int i = 0; i < 20; i++)
        {
            using var call = coordinator
                .Channel.CreateCallInvoker()
                .AsyncServerStreamingCall(Method(MethodType.ServerStreaming, method), null, default, Garbage(i));
            var refused = await Assert.ThrowsAsync<RpcException>(() => call.ResponseStream.MoveNext(CancellationToken.None));
            Assert.Equal(
                (
                    StatusCode.InvalidArgument,
                    $"The request is not a message of "
                        + $"{method[(method.IndexOf('/', StringComparison.Ordinal) + 1)..]} that can be read; use a client of this "
                        + $"version."
                ),
                (refused.StatusCode, refused.Status.Detail)
            );
        }
        Assert.Equal(1, coordinator.Log.CountOf("RequestUnreadable"));
    }

    [Theory]
    [InlineData("host.v1.HostService/Connect")]
    [InlineData("replica.v1.ReplicaService/Connect")]
    public async Task Connect_BytesThatAreNoMessage_AreInvalidArgument(string method)
    {
        await using var coordinator = await TestCoordinator.StartAsync();
        using var call = coordinator
            .Channel.CreateCallInvoker()
            .AsyncDuplexStreamingCall(Method(MethodType.DuplexStreaming, method), null, default);
        await call.RequestStream.WriteAsync(Garbage(0));
        var refused = await Assert.ThrowsAsync<RpcException>(() => call.ResponseStream.MoveNext(CancellationToken.None));
        Assert.Equal(
            (StatusCode.InvalidArgument, "A message of the call cannot be read; use a client of this version."),
            (refused.StatusCode, refused.Status.Detail)
        );
    }

    /// <summary>A length of 4 GiB before the message, and a body that is not compressed as it says.</summary>
    [Theory]
    [InlineData(new byte[] { 0, 0xff, 0xff, 0xff, 0xff, 1 }, null)]
    [InlineData(new byte[] { 1, 0, 0, 0, 4, 1, 2, 3, 4 }, "gzip")]
    public async Task Call_FrameThatLies_IsInvalidArgument(byte[] body, string? encoding)
    {
        await using var coordinator = await TestCoordinator.StartAsync();
        using var client = new HttpClient(new TokenHandler(coordinator.Token))
        {
            DefaultRequestVersion = HttpVersion.Version20,
            DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
        using var content = new ByteArrayContent(body) { Headers = { { "content-type", "application/grpc" } } };
        if (encoding is not null)
            content.Headers.Add("grpc-encoding", encoding);
        using var answer = await client.PostAsync(
            $"{coordinator.Address}/clipdistributed.control.v1.ControlService/GetRun",
            content,
            TestContext.Current.CancellationToken
        );
        Assert.Equal("3", answer.Headers.GetValues("grpc-status").Single());
    }

    /// <summary>As a page does that is closed. Lines of one kind are held back: one for a cancelled call would be the only one.</summary>
    [Fact]
    public async Task Call_CancelledBeforeItWasRead_IsNotUnreadable()
    {
        await using var coordinator = await TestCoordinator.StartAsync();
        const string service = "clipdistributed.control.v1.ControlService";
        using var client = new HttpClient(new TokenHandler(coordinator.Token))
        {
            DefaultRequestVersion = HttpVersion.Version20,
            DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
        for (int i = 0; i < 20; i++)
        {
            using var left = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
            using var half = new HalfMessage();
            var call = client.PostAsync($"{coordinator.Address}/{service}/ListRuns", half, left.Token);
            await half.IsSent;
            await left.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
        }

        using var garbage = new ByteArrayContent([0, 0, 0, 0, 1, 255]) { Headers = { { "content-type", "application/grpc" } } };
        using var answer = await client.PostAsync(
            $"{coordinator.Address}/{service}/GetRun", garbage, TestContext.Current.CancellationToken);

        await coordinator.Log.UntilAsync("RequestUnreadable", ("Method", $"/{service}/GetRun"));
        Assert.Equal(1, coordinator.Log.CountOf("RequestUnreadable"));
    }

    private static byte[] Garbage(int seed) => [0x0a, 0xff, 0xff, 0xff, (byte)(0x80 + seed), 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff];

    private static Method<byte[], byte[]> Method(MethodType type, string method)
    {
        string[] parts = method.Split('/');
        return new Method<byte[], byte[]>(type, $"clipdistributed.{parts[0]}", parts[1], Bytes, Bytes);
    }

    /// <summary>The length of a message, and nothing of it until the call is cancelled.</summary>
    private sealed class HalfMessage : HttpContent
    {
        private readonly TaskCompletionSource sent = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public HalfMessage() => Headers.Add("content-type", "application/grpc");

        public Task IsSent => sent.Task;

        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
            SerializeToStreamAsync(stream, context, CancellationToken.None);

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
        {
            await stream.WriteAsync(new byte[] { 0, 0, 0, 0, 5 }, cancellationToken);
            await stream.FlushAsync(cancellationToken);
            sent.SetResult();
            await Task.Delay(Timeout.Infinite, cancellationToken);
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
