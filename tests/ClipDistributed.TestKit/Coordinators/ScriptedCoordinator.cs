using System.Net;
using System.Threading.Channels;
using ClipDistributed.Contracts.Host.V1;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace ClipDistributed.TestKit.Coordinators;

/// <summary>A real gRPC server on a free port; a test decides what it answers.</summary>
public sealed class ScriptedCoordinator : IAsyncDisposable
{
    private readonly Channel<HostCall> calls = Channel.CreateUnbounded<HostCall>();
    private readonly Queue<Status> refusals = [];
    private WebApplication? server;

    public string Address { get; private set; } = "";

    /// <param name="port">0: a free one.</param>
    public static async Task<ScriptedCoordinator> StartAsync(int port = 0)
    {
        var coordinator = new ScriptedCoordinator();
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel =>
            kestrel.Listen(IPAddress.Loopback, port, listen => listen.Protocols = HttpProtocols.Http2)
        );
        builder.Services.AddSingleton(coordinator);
        builder.Services.AddGrpc();
        coordinator.server = builder.Build();
        coordinator.server.MapGrpcService<Api>();
        await coordinator.server.StartAsync();
        coordinator.Address = coordinator.server.Urls.First();
        return coordinator;
    }

    public int Port => new Uri(Address).Port;

    /// <summary>The next host that connects is refused.</summary>
    public void Refuse(StatusCode code, string detail) => refusals.Enqueue(new Status(code, detail));

    /// <summary>The next connection, its offer read.</summary>
    public async Task<HostCall> AcceptAsync() => await calls.Reader.ReadAsync().AsTask().WaitAsync(HostCall.Patience);

    /// <summary>Accepts the next connection and its offer.</summary>
    public async Task<HostCall> WelcomeAsync(params string[] toKill)
    {
        var call = await AcceptAsync();
        call.Send(new ConnectResponse { Welcome = new Welcome { ReplicaIdsToKill = { toKill } } });
        return call;
    }

    public async ValueTask DisposeAsync()
    {
        using var now = new CancellationTokenSource(TimeSpan.Zero);
        await server!.StopAsync(now.Token); // connections are cut, not waited for
        await server.DisposeAsync();
    }

    private sealed class Api(ScriptedCoordinator coordinator) : HostService.HostServiceBase
    {
        public override async Task Connect(
            IAsyncStreamReader<ConnectRequest> up,
            IServerStreamWriter<ConnectResponse> down,
            ServerCallContext context
        )
        {
            if (coordinator.refusals.TryDequeue(out var refusal))
                throw new RpcException(refusal);
            await up.MoveNext(context.CancellationToken);
            var call = new HostCall(up.Current.Offer) { Authorization = context.RequestHeaders.GetValue("authorization") };
            coordinator.calls.Writer.TryWrite(call);
            await call.RunAsync(up, down, context.CancellationToken);
        }
    }
}
