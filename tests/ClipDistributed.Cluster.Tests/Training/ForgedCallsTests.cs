using ClipDistributed.Cluster.Tests.Running;
using ClipDistributed.Contracts.Control.V1;
using ClipDistributed.Contracts.Host.V1;
using ClipDistributed.Contracts.Processes;
using ClipDistributed.Contracts.Replica.V1;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Contracts.Runs;
using Google.Protobuf;
using Grpc.Core;
using Grpc.Net.Client;
using FromHost = ClipDistributed.Contracts.Host.V1.ConnectRequest;
using FromReplica = ClipDistributed.Contracts.Replica.V1.ConnectRequest;

namespace ClipDistributed.Cluster.Tests.Training;

/// <summary>Others call the coordinator in the names of a run's replicas and hosts, and hundreds watch it and take nothing.</summary>
[Collection(ClusterCollection.Name)]
public sealed class ForgedCallsTests(ClusterData data)
{
    private const string Steps = "samples=9600";
    private const int Watchers = 200, WatchersPerConnection = 50;

    [Fact]
    public async Task Calls_InTheNamesOfReplicasAndHosts_ChangeNothing()
    {
        var spec = data.Spec(Steps);
        var directory = new RunDirectory(spec.RunDirectory);
        await using var cluster = await LiveCluster.StartApartAsync(2, 1);
        string runId = await cluster.SubmitAsync(spec, replicas: 3);
        await LiveCluster.UntilStepAsync(directory, 5);
        string[] replicas = [.. (await cluster.StateAsync(runId)).Replicas.Select(replica => replica.ReplicaId)];
        Assert.Equal(3, replicas.Length);

        using var deaf = new Callers(cluster, Watchers / WatchersPerConnection);
        for (int i = 0; i < Watchers; i++)
            await deaf.WatchAsync(i / WatchersPerConnection, runId);
        using var channel = cluster.Open();
        long last;
        using (var tail = new StepTail(directory))
            last = tail.Last();
        var past = LiveCluster.UntilStepAsync(directory, last + 20);
        int rounds = 0;
        for (; !past.IsCompleted || rounds < 3; rounds++)
        {
            foreach (string replicaId in replicas)
                await ForgeReplicaAsync(channel, runId, replicaId);
            await ForgeHostAsync(channel, $"stranger-{rounds}", replicas);
            await ForgeHolderAsync(channel);
        }
        await past;

        var run = await cluster.FinishAsync(runId, directory);
        Assert.Equal((RunState.Succeeded, "", 1), (run.State, run.Reason, run.Generation));
        Assert.Equal(3, cluster.Log.Processes.Count);
        ClusterData.Recorded(spec).AssertFollows(data.Alone(Steps));
    }

    /// <summary>A Hello and a rendezvous with every secret but the replica's own.</summary>
    private static async Task ForgeReplicaAsync(GrpcChannel channel, string runId, string replicaId)
    {
        var client = new ReplicaService.ReplicaServiceClient(channel);
        foreach (var secret in (ByteString[])[ByteString.Empty, ByteString.CopyFrom(new byte[32])])
        {
            using var call = client.Connect();
            await call.RequestStream.WriteAsync(new FromReplica
            {
                Hello = new Hello
                {
                    ProtocolVersion = Protocol.Version,
                    RunId = runId,
                    ReplicaId = replicaId,
                    AppliedStep = 0,
                    Connection = long.MaxValue,
                    Secret = secret,
                },
            });
            var greeted = await Assert.ThrowsAsync<RpcException>(() => call.ResponseStream.MoveNext(CancellationToken.None));
            Assert.Equal(StatusCode.PermissionDenied, greeted.StatusCode);
            var request = new SetRendezvousRequest
            {
                RunId = runId,
                Generation = 1,
                Key = "rank0",
                Value = ByteString.CopyFromUtf8("10.0.0.66:1"),
                ReplicaId = replicaId,
                Secret = secret,
            };
            var set = await Assert.ThrowsAsync<RpcException>(() => client.SetRendezvousAsync(request).ResponseAsync);
            Assert.Equal(StatusCode.PermissionDenied, set.StatusCode);
        }
    }

    /// <summary>A host without a free device says that the replicas of others have ended.</summary>
    private static async Task ForgeHostAsync(GrpcChannel channel, string name, string[] replicas)
    {
        using var call = new HostService.HostServiceClient(channel).Connect();
        var offer = new Offer
        {
            ProtocolVersion = Protocol.Version,
            Version = "0.1.0",
            Host = name,
            Secret = ByteString.CopyFrom(new byte[32]),
        };
        offer.ReplicaIds.AddRange(replicas);
        await call.RequestStream.WriteAsync(new FromHost { Offer = offer });
        Assert.True(await call.ResponseStream.MoveNext(CancellationToken.None));
        foreach (string replicaId in replicas)
        {
            await call.RequestStream.WriteAsync(
                new FromHost
                {
                    ReplicaExited = new ReplicaExited { ReplicaId = replicaId, ExitCode = 137 },
                }
            );
            await call.RequestStream.WriteAsync(
                new FromHost
                {
                    LogLine = new LogLine { ReplicaId = replicaId, Text = "forged" },
                }
            );
        }
        await call.RequestStream.CompleteAsync();
        while (await call.ResponseStream.MoveNext(CancellationToken.None))
        {
        }
    }

    /// <summary>A host of the name of one that is connected.</summary>
    private static async Task ForgeHolderAsync(GrpcChannel channel)
    {
        using var call = new HostService.HostServiceClient(channel).Connect();
        await call.RequestStream.WriteAsync(
            new FromHost
            {
                Offer = new Offer
                {
                    ProtocolVersion = Protocol.Version,
                    Version = "0.1.0",
                    Host = "a",
                    Secret = ByteString.CopyFrom(new byte[32]),
                },
            }
        );
        Assert.Equal(
            StatusCode.AlreadyExists,
            (await Assert.ThrowsAsync<RpcException>(() => call.ResponseStream.MoveNext(CancellationToken.None))).StatusCode
        );
    }

    /// <summary>Watchers that look at the first message and read no more.</summary>
    private sealed class Callers(LiveCluster cluster, int connections) : IDisposable
    {
        private readonly GrpcChannel[] channels = [.. Enumerable.Range(0, connections).Select(_ => cluster.Open())];
        private readonly List<AsyncServerStreamingCall<WatchRunResponse>> calls = [];

        public async Task WatchAsync(int connection, string runId)
        {
            var call = new ControlService.ControlServiceClient(channels[connection]).WatchRun(new WatchRunRequest { RunId = runId });
            calls.Add(call);
            Assert.True(await call.ResponseStream.MoveNext(CancellationToken.None));
        }

        public void Dispose()
        {
            calls.ForEach(call => call.Dispose());
            foreach (var channel in channels)
                channel.Dispose();
        }
    }
}
