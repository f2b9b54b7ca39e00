using ClipDistributed.Contracts.Control.V1;
using ClipDistributed.Contracts.Links;
using ClipDistributed.Coordinator.Access;
using ClipDistributed.Coordinator.Leading;
using ClipDistributed.Coordinator.Links;
using ClipDistributed.Coordinator.Settings;
using ClipDistributed.Coordinator.Store;
using Grpc.Core;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Hosting.Internal;
using Microsoft.Extensions.Logging.Abstractions;

namespace ClipDistributed.Coordinator.Tests.Links;

public sealed class RefusalInterceptorTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly RunStore store;
    private readonly Leadership leadership;
    private readonly RefusalInterceptor interceptor;

    public RefusalInterceptorTests()
    {
        store = RunStore.Open(new CoordinatorOptions { StateDirectory = folder.Path });
        var lifetime = new ApplicationLifetime(NullLogger<ApplicationLifetime>.Instance);
        leadership = new Leadership(
            store, new CoordinatorOptions(), null!, lifetime, TimeProvider.System, NullLogger<Leadership>.Instance);
        interceptor = new RefusalInterceptor(
            leadership, new CallFailure(store, NullLogger<CallFailure>.Instance), null!, null!);
    }

    public void Dispose()
    {
        leadership.Dispose();
        store.Dispose();
        folder.Dispose();
    }

    /// <summary>A way into the application that no gate guards, made by mistake, opens nothing.</summary>
    [Fact]
    public async Task Call_WithoutAdmission_IsRefusedBeforeItIsServed()
    {
        bool isServed = false;
        var context = new Context(new DefaultHttpContext());
        var refused = await Assert.ThrowsAsync<RpcException>(() => interceptor.UnaryServerHandler<ListRunsRequest, ListRunsResponse>(
            new ListRunsRequest(), context, Serve));
        Assert.Equal((StatusCode.PermissionDenied, false), (refused.StatusCode, isServed));

        context.Http.Features.Set(new Admission(Principal.Stranger("127.0.0.1"), new CallRule(null, null)));
        await interceptor.UnaryServerHandler<ListRunsRequest, ListRunsResponse>(new ListRunsRequest(), context, Serve);
        Assert.True(isServed);

        Task<ListRunsResponse> Serve(ListRunsRequest request, ServerCallContext call)
        {
            isServed = true;
            return Task.FromResult(new ListRunsResponse());
        }
    }

    /// <summary>A replica of the successor would receive that it is unknown and should end.</summary>
    [Fact]
    public async Task Call_AnotherMayLead_IsUnavailableAndNotServed()
    {
        var context = new Context(new DefaultHttpContext());
        context.Http.Features.Set(new Admission(Principal.Stranger("127.0.0.1"), new CallRule(null, null)));
        leadership.Lose("another coordinator owns the store");
        var refused = await Assert.ThrowsAsync<RpcException>(() => interceptor.UnaryServerHandler<ListRunsRequest, ListRunsResponse>(
            new ListRunsRequest(), context, (_, _) => throw new InvalidOperationException("it was served")));
        Assert.Equal(StatusCode.Unavailable, refused.StatusCode);
        Assert.Equal("1", refused.Trailers.GetValue(CoordinatorAddresses.NotServed));
    }

    /// <summary>What a call that has ended throws is no failure of the coordinator, whichever sign of its end comes first.</summary>
    [Theory]
    [InlineData(End.None, StatusCode.FailedPrecondition)]
    [InlineData(End.Cancelled, StatusCode.Cancelled)]
    [InlineData(End.Aborted, StatusCode.Cancelled)]
    [InlineData(End.TooLate, StatusCode.Cancelled)]
    public async Task Call_WritesToACallThatIsOver_IsCancelled(End end, StatusCode expected)
    {
        var over = new CancellationToken(canceled: true);
        var context = new Context(new DefaultHttpContext { RequestAborted = end == End.Aborted ? over : default })
        {
            Cancelled = end == End.Cancelled ? over : default,
            Until = end == End.TooLate ? DateTime.UtcNow.AddSeconds(-1) : DateTime.MaxValue,
        };
        context.Http.Features.Set(new Admission(Principal.Stranger("127.0.0.1"), new CallRule(null, null)));
        var failed = await Assert.ThrowsAsync<RpcException>(() => interceptor.UnaryServerHandler<ListRunsRequest, ListRunsResponse>(
            new ListRunsRequest(), context, (_, _) => throw new IOException("The request stream was aborted.")));
        Assert.Equal(expected, failed.StatusCode);
    }

    public enum End
    {
        None,
        Cancelled,
        Aborted,
        TooLate,
    }

    /// <summary>Of a call that comes in this way.</summary>
    private sealed class Context(HttpContext http) : ServerCallContext
    {
        public CancellationToken Cancelled { get; init; }

        public DateTime Until { get; init; } = DateTime.MaxValue;

        public HttpContext Http => http;

        protected override string MethodCore => "ListRuns";

        protected override string HostCore => "";

        protected override string PeerCore => "";

        protected override DateTime DeadlineCore => Until;

        protected override Metadata RequestHeadersCore => [];

        protected override CancellationToken CancellationTokenCore => Cancelled;

        protected override Metadata ResponseTrailersCore => [];

        protected override Status StatusCore { get; set; }

        protected override WriteOptions? WriteOptionsCore { get; set; }

        protected override AuthContext AuthContextCore => new("", []);

        protected override IDictionary<object, object> UserStateCore { get; } =
            new Dictionary<object, object> { ["__HttpContext"] = http }; // where Grpc.AspNetCore looks for it

        protected override ContextPropagationToken CreatePropagationTokenCore(ContextPropagationOptions? options) =>
            throw new NotSupportedException();

        protected override Task WriteResponseHeadersAsyncCore(Metadata responseHeaders) => Task.CompletedTask;
    }
}
