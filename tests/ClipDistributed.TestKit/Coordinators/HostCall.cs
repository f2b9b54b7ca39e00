using System.Threading.Channels;
using ClipDistributed.Contracts.Host.V1;
using Google.Protobuf;
using Grpc.Core;

namespace ClipDistributed.TestKit.Coordinators;

/// <summary>One connection of a worker host.</summary>
public sealed class HostCall(Offer offer)
{
    /// <summary>After so long a test fails.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly Channel<ConnectRequest> received = Channel.CreateUnbounded<ConnectRequest>();
    private readonly Channel<ConnectResponse> toSend = Channel.CreateUnbounded<ConnectResponse>();

    public Offer Offer => offer;

    /// <summary>The header of that name; null: there is none.</summary>
    public string? Authorization { get; init; }

    public void Send(ConnectResponse message) => toSend.Writer.TryWrite(message);

    public void Launch(string replica, int device = 0, DeviceKind kind = DeviceKind.Cpu) =>
        Send(
            new ConnectResponse
            {
                LaunchReplica = new LaunchReplica
                {
                    ReplicaId = replica,
                    RunId = "demo-1",
                    RunDirectory = "/runs/demo",
                    DeviceKind = kind,
                    DeviceIndex = device,
                    Restore = true,
                    Number = 3,
                    Generation = 2,
                    Secret = ByteString.CopyFromUtf8("secret"),
                },
            }
        );

    /// <summary>The coordinator completes the call.</summary>
    public void Close() => toSend.Writer.TryComplete();

    public async Task<Heartbeat> HeartbeatAsync() => (await NextAsync(ConnectRequest.MessageOneofCase.Heartbeat)).Heartbeat;

    public async Task<ReplicaExited> ExitAsync() => (await NextAsync(ConnectRequest.MessageOneofCase.ReplicaExited)).ReplicaExited;

    public async Task<Drain> DrainAsync() => (await NextAsync(ConnectRequest.MessageOneofCase.Drain)).Drain;

    public async Task<ModelAnswer> AnswerAsync() => (await NextAsync(ConnectRequest.MessageOneofCase.ModelAnswer)).ModelAnswer;

    public async Task<LogLine> LineAsync() => (await NextAsync(ConnectRequest.MessageOneofCase.LogLine)).LogLine;

    /// <summary>Until the host ends its side.</summary>
    public async Task<List<ConnectRequest>> RestAsync()
    {
        var rest = new List<ConnectRequest>();
        while (await received.Reader.WaitToReadAsync().AsTask().WaitAsync(Patience))
            rest.Add(await received.Reader.ReadAsync());
        return rest;
    }

    public async Task RunAsync(IAsyncStreamReader<ConnectRequest> up, IServerStreamWriter<ConnectResponse> down, CancellationToken cut)
    {
        var receiving = ReceiveAsync(up, cut);
        var sending = SendAsync(down, cut);
        await Task.WhenAny(receiving, sending);
    }

    private async Task ReceiveAsync(IAsyncStreamReader<ConnectRequest> up, CancellationToken cut)
    {
        try
        {
            await foreach (var message in up.ReadAllAsync(cut))
                received.Writer.TryWrite(message);
        }
        catch (Exception ended) when (ended is OperationCanceledException or IOException or RpcException)
        {
        }
        received.Writer.TryComplete();
    }

    private async Task SendAsync(IServerStreamWriter<ConnectResponse> down, CancellationToken cut)
    {
        await foreach (var message in toSend.Reader.ReadAllAsync(cut))
            await down.WriteAsync(message, cut);
    }

    private async Task<ConnectRequest> NextAsync(ConnectRequest.MessageOneofCase wanted)
    {
        while (true)
        {
            var message = await received.Reader.ReadAsync().AsTask().WaitAsync(Patience);
            if (message.MessageCase == wanted)
                return message;
        }
    }
}
