using ClipDistributed.Contracts.Host.V1;
using Google.Protobuf;
using Grpc.Core;
using Grpc.Net.Client;

namespace ClipDistributed.Coordinator.Tests.Scripted;

/// <summary>A worker host that starts nothing by itself: a test plays its part.</summary>
internal sealed class ScriptedHost : IAsyncDisposable
{
    private readonly GrpcChannel channel;
    private readonly AsyncDuplexStreamingCall<ConnectRequest, ConnectResponse> call;
    private readonly Inbox<ConnectResponse> inbox;
    private readonly SemaphoreSlim writing = new(1, 1);

    private ScriptedHost(GrpcChannel channel, string name, AsyncDuplexStreamingCall<ConnectRequest, ConnectResponse> call)
    {
        (this.channel, Name, this.call) = (channel, name, call);
        inbox = new Inbox<ConnectResponse>(call.ResponseStream);
    }

    public string Name { get; }

    /// <summary>What the coordinator said first.</summary>
    public Welcome Welcome { get; private set; } = new();

    /// <exception cref="RpcException">The coordinator refused the host.</exception>
    public static async Task<ScriptedHost> ConnectAsync(GrpcChannel channel, string name, ScriptedOffer? offered = null)
    {
        offered ??= new ScriptedOffer();
        var host = new ScriptedHost(channel, name, new HostService.HostServiceClient(channel).Connect());
        var offer = new Offer
        {
            ProtocolVersion = offered.Protocol,
            Version = offered.Version,
            Host = name,
            MemoryBytes = 1 << 30,
            Secret = Secret(offered.Process),
        };
        offer.Devices.AddRange(
            Enumerable
                .Range(0, offered.Cpus)
                .Select(i => new Device
                {
                    Kind = DeviceKind.Cpu,
                    Index = i,
                    Threads = 1,
                    Name = "a processor",
                })
        );
        offer.Devices.AddRange(
            Enumerable
                .Range(0, offered.Gpus)
                .Select(i => new Device
                {
                    Kind = DeviceKind.Cuda,
                    Index = i,
                    Name = offered.GpuName,
                    Uuid = $"GPU-{i}",
                    MemoryBytes = 24L << 30,
                })
        );
        offer.ReplicaIds.AddRange(offered.ReplicaIds);
        await host.call.RequestStream.WriteAsync(new ConnectRequest { Offer = offer });
        host.Welcome = await host.inbox.NextAsync(response => response.Welcome);
        return host;
    }

    public static ByteString Secret(byte process = 1) => ByteString.CopyFrom(Enumerable.Repeat(process, 32).ToArray());

    /// <summary>The next replica that is to be started.</summary>
    public Task<LaunchReplica> LaunchAsync() => inbox.NextAsync(response => response.LaunchReplica);

    /// <summary>Waits for the next launch and connects its replica.</summary>
    public async Task<ScriptedReplica> StartReplicaAsync(long applied = 0)
    {
        var launch = await LaunchAsync();
        return await ScriptedReplica.ConnectAsync(channel, this, launch, new ScriptedHello(launch.Restore ? applied : -1));
    }

    /// <summary>The next replica that is to be killed.</summary>
    public async Task<string> KillAsync() => (await inbox.NextAsync(response => response.KillReplica)).ReplicaId;

    /// <summary>The next question to a model.</summary>
    public Task<AskModel> QuestionAsync() => inbox.NextAsync(response => response.AskModel);

    public Task AnswerAsync(ModelAnswer answer) => SendAsync(new ConnectRequest { ModelAnswer = answer });

    /// <param name="gpus">As their driver describes them.</param>
    public Task HeartbeatAsync(params DeviceState[] gpus) =>
        SendAsync(new ConnectRequest { Heartbeat = new Heartbeat { Devices = { gpus } } });

    public Task ExitedAsync(string replicaId, int code, string text = "", int rowsBegun = 0) =>
        SendAsync(
            new ConnectRequest
            {
                ReplicaExited = new ReplicaExited
                {
                    ReplicaId = replicaId,
                    ExitCode = code,
                    Text = text,
                    RowsBegun = rowsBegun,
                },
            }
        );

    /// <summary>A replica printed something.</summary>
    public Task LineAsync(string replicaId, string text) =>
        SendAsync(new ConnectRequest { LogLine = new LogLine { ReplicaId = replicaId, Text = text } });

    /// <summary>Fails as the call did.</summary>
    public Task CallAsync() => inbox.Reading.WaitAsync(TestCoordinator.Patience);

    /// <summary>As if the host's process had been killed.</summary>
    public async ValueTask DisposeAsync()
    {
        call.Dispose();
        await inbox.Reading.ContinueWith(_ => { }, TaskScheduler.Default);
    }

    private async Task SendAsync(ConnectRequest message)
    {
        await writing.WaitAsync(); // replicas of one host may end at once
        try
        {
            await call.RequestStream.WriteAsync(message);
        }
        finally
        {
            writing.Release();
        }
    }
}
