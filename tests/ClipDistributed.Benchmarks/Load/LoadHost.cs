using ClipDistributed.Contracts.Host.V1;
using ClipDistributed.Contracts.Processes;
using ClipDistributed.TestKit.Coordinators;
using Google.Protobuf;
using Grpc.Core;

namespace ClipDistributed.Benchmarks.Load;

/// <summary>A worker host whose replicas are scripted.</summary>
internal static class LoadHost
{
    private static readonly TimeSpan Heartbeat = TimeSpan.FromSeconds(1);

    /// <param name="onJoined">One of its replicas is a member of a generation.</param>
    /// <returns>Ends with the first failure of it or of one of its replicas.</returns>
    public static async Task RunAsync(string address, string token, string name, int slots, Action onJoined, CancellationToken cancel)
    {
        using var channel = TokenHandler.Open(address, token);
        using var call = new HostService.HostServiceClient(channel).Connect(cancellationToken: cancel);
        await call.RequestStream.WriteAsync(new ConnectRequest
        {
            Offer = new Offer
            {
                ProtocolVersion = Protocol.Version, Version = "load", Host = name, MemoryBytes = 1L << 40,
                Secret = ByteString.CopyFrom(new byte[32]),
                Devices =
                {
                    Enumerable.Range(0, slots)
                        .Select(index => new Device { Kind = DeviceKind.Cpu, Index = index, Threads = 1, Name = "slot" }),
                },
            },
        }, cancel);
        var beating = BeatAsync(call.RequestStream, cancel);
        var replicas = new List<Task>();
        var reading = call.ResponseStream.MoveNext(cancel);
        while (true)
        {
            await await Task.WhenAny([reading, beating, .. replicas]);
            if (!await reading)
                throw new InvalidOperationException($"The call of host {name} was ended.");
            var message = call.ResponseStream.Current;
            if (message.LaunchReplica is { } launch)
                replicas.Add(LoadReplica.RunAsync(address, launch, onJoined, cancel));
            else if (message.KillReplica is { } kill)
                throw new InvalidOperationException($"{kill.ReplicaId} is to be killed.");
            reading = call.ResponseStream.MoveNext(cancel);
        }
    }

    private static async Task BeatAsync(IClientStreamWriter<ConnectRequest> stream, CancellationToken cancel)
    {
        await Task.Delay(TimeSpan.FromMilliseconds(Random.Shared.Next((int)Heartbeat.TotalMilliseconds)), cancel);
        using var timer = new PeriodicTimer(Heartbeat);
        while (await timer.WaitForNextTickAsync(cancel))
            await stream.WriteAsync(new ConnectRequest { Heartbeat = new Heartbeat() }, cancel);
    }
}
