using System.Net;
using ClipDistributed.Contracts.Control.V1;
using ClipDistributed.Contracts.Host.V1;
using ClipDistributed.Contracts.Processes;
using ClipDistributed.Contracts.Replica.V1;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Coordinator.Settings;
using ClipDistributed.Coordinator.Tests.Scripted;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using FromHost = ClipDistributed.Contracts.Host.V1.ConnectRequest;
using FromReplica = ClipDistributed.Contracts.Replica.V1.ConnectRequest;

namespace ClipDistributed.Coordinator.Tests.Links;

/// <summary>What is too much, as a client meets it; the coordinator and the run go on.</summary>
public class BoundsTests
{
    private static readonly CoordinatorLimits Limits = new()
    {
        NameLength = 20, DevicesPerHost = 3, RecordBytes = 400, MessageBytes = 4096, MemberMessageBytes = 4096,
        RendezvousKeyLength = 10, RendezvousValueBytes = 100, RendezvousKeys = 3, RendezvousBytes = 150,
    };

    public static TheoryData<string, Action<Offer>> Offers =>
        new()
        {
            { "a long name", offer => offer.Host = new string('h', 21) },
            { "no name", offer => offer.Host = "" },
            { "a name that steers a terminal", offer => offer.Host = "\u001b[2J" },
            { "a long version", offer => offer.Version = new string('1', 21) },
            {
                "many devices",
                offer => offer.Devices.Add(Enumerable.Range(1, 3).Select(index => new Device { Kind = DeviceKind.Cpu, Index = index }))
            },
            { "a long device name", offer => offer.Devices[0].Name = new string('g', 21) },
            { "an unknown kind", offer => offer.Devices[0].Kind = (DeviceKind)7 },
            { "negative memory", offer => offer.MemoryBytes = long.MinValue },
            { "a negative index", offer => offer.Devices[0].Index = int.MinValue },
            { "negative threads", offer => offer.Devices[0].Threads = -1 },
            { "many replicas", offer => offer.ReplicaIds.Add(["a", "b", "c", "d"]) },
        };

    [Theory, MemberData(nameof(Offers))]
    public async Task Connect_OfferOutOfBounds_IsInvalidArgument(string what, Action<Offer> change)
    {
        await using var coordinator = await StartAsync();
        var offer = new Offer
        {
            ProtocolVersion = Protocol.Version,
            Host = "a",
            Version = "0.1.0",
            Secret = ScriptedHost.Secret(),
            Devices = { new Device { Kind = DeviceKind.Cpu } },
        };
        change(offer);
        Assert.Equal((what, StatusCode.InvalidArgument), (what, await OfferAsync(coordinator, offer)));
        await coordinator.HostAsync("a");
    }

    [Fact]
    public async Task Connect_OfferLargerThanAMessage_IsResourceExhausted()
    {
        await using var coordinator = await StartAsync();
        Assert.Equal(
            StatusCode.ResourceExhausted,
            await OfferAsync(coordinator, new Offer { ProtocolVersion = Protocol.Version, Host = new string('h', 5000) })
        );
        await coordinator.HostAsync("a");
    }

    [Fact]
    public async Task SubmitJob_LargerThanAMessage_IsResourceExhausted()
    {
        await using var coordinator = await StartAsync();
        var spec = coordinator.Spec();
        spec.Model.Config = new string('x', 5000);
        Assert.Equal(
            StatusCode.ResourceExhausted,
            (await Assert.ThrowsAsync<RpcException>(() => coordinator.SubmitAsync(spec))).StatusCode
        );
        Assert.False(Directory.Exists(spec.RunDirectory));
    }

    [Fact]
    public async Task Rendezvous_MoreThanIsKept_IsRefused()
    {
        await using var coordinator = await StartAsync();
        var host = await coordinator.HostAsync("a");
        string runId = await coordinator.SubmitAsync(coordinator.Spec());
        var replica = await host.StartReplicaAsync();
        await replica.GenerationAsync();
        var client = new ReplicaService.ReplicaServiceClient(coordinator.Channel);
        Assert.Equal(StatusCode.InvalidArgument, await SetAsync(new string('k', 11), 1));
        Assert.Equal(StatusCode.InvalidArgument, await SetAsync("a", 101));
        Assert.Equal(StatusCode.InvalidArgument, await GetAsync(new string('k', 11)));
        Assert.Equal(StatusCode.OK, await SetAsync("a", 100));
        Assert.Equal(StatusCode.ResourceExhausted, await SetAsync("b", 51));
        Assert.Equal(StatusCode.OK, await SetAsync("c", 1));
        Assert.Equal(StatusCode.ResourceExhausted, await SetAsync("d", 1));
        Assert.Equal(StatusCode.ResourceExhausted, await GetAsync("e"));
        Assert.Equal(StatusCode.OK, await GetAsync("a"));

        Task<StatusCode> SetAsync(string key, int bytes) =>
            StatusOfAsync(
                client
                    .SetRendezvousAsync(
                        new SetRendezvousRequest
                        {
                            RunId = runId,
                            Generation = 1,
                            Key = key,
                            Value = ByteString.CopyFrom(new byte[bytes]),
                            ReplicaId = replica.Id,
                            Secret = replica.Launch.Secret,
                        }
                    )
                    .ResponseAsync
            );

        Task<StatusCode> GetAsync(string key) =>
            StatusOfAsync(
                client
                    .GetRendezvousAsync(
                        new GetRendezvousRequest
                        {
                            RunId = runId,
                            Generation = 1,
                            Key = key,
                            ReplicaId = replica.Id,
                            Secret = replica.Launch.Secret,
                        }
                    )
                    .ResponseAsync
            );
    }

    public static TheoryData<FromReplica> Words =>
    [
        new FromReplica { Progress = new Progress { Step = -1 } },
        new FromReplica { Progress = new Progress { AppliedStep = long.MinValue } },
        new FromReplica { Progress = new Progress { ResidentBytes = -1 } },
        new FromReplica { Progress = new Progress { BusySeconds = double.NaN } },
        new FromReplica { Ended = new Ended { AppliedStep = -2 } },
    ];

    [Theory, MemberData(nameof(Words))]
    public async Task Replica_NumbersThatCannotBe_EndTheCallAndNotTheRun(FromReplica said)
    {
        await using var coordinator = await StartAsync();
        var host = await coordinator.HostAsync("a");
        string runId = await coordinator.SubmitAsync(coordinator.Spec());
        var launch = await host.LaunchAsync();
        using var call = new ReplicaService.ReplicaServiceClient(coordinator.Channel).Connect(
            deadline: DateTime.UtcNow + TestCoordinator.Patience
        );
        await call.RequestStream.WriteAsync(
            new FromReplica
            {
                Hello = new Hello
                {
                    ProtocolVersion = Protocol.Version,
                    RunId = runId,
                    ReplicaId = launch.ReplicaId,
                    Connection = 1,
                    Secret = launch.Secret,
                },
            }
        );
        Assert.True(await call.ResponseStream.MoveNext(CancellationToken.None));
        await call.RequestStream.WriteAsync(said);
        var ended = await Assert.ThrowsAsync<RpcException>(async () =>
        {
            while (await call.ResponseStream.MoveNext(CancellationToken.None))
            {
            }
        });
        Assert.Equal(StatusCode.InvalidArgument, ended.StatusCode);
        Assert.NotEqual(RunState.Failed, (await coordinator.RunAsync(runId)).State);
    }

    [Fact]
    public async Task Replica_LargeRecord_IsKeptAsANotice()
    {
        await using var coordinator = await StartAsync();
        var host = await coordinator.HostAsync("a");
        string runId = await coordinator.SubmitAsync(coordinator.Spec());
        var replica = await host.StartReplicaAsync();
        await replica.GenerationAsync();
        await replica.NoticeAsync(new string('x', 1000));
        Assert.Equal(1, (await replica.PersistedAsync()).Number);
        await foreach (var response in coordinator.WatchAsync(runId))
        {
            if (response.Record is not { } record)
                continue;
            Assert.Contains("was left out here", record.Notice.Text, StringComparison.Ordinal);
            break;
        }
    }

    /// <summary>Headers are read before any of the coordinator's own limits is asked.</summary>
    [Fact]
    public async Task Call_MegabyteOfMetadata_IsRefusedAndTheCoordinatorGoesOn()
    {
        await using var coordinator = await StartAsync();
        var headers = new Metadata { { "x-large", new string('x', 1 << 20) } };
        await Assert.ThrowsAnyAsync<RpcException>(() => coordinator.Control.ListRunsAsync(new ListRunsRequest(), headers).ResponseAsync);
        Assert.Empty((await coordinator.Control.ListRunsAsync(new ListRunsRequest())).Runs);
    }

    private static Task<TestCoordinator> StartAsync() => TestCoordinator.StartAsync(options => options with { Limits = Limits });

    private static async Task<StatusCode> OfferAsync(TestCoordinator coordinator, Offer offer)
    {
        using var call = new HostService.HostServiceClient(coordinator.Channel).Connect(
            deadline: DateTime.UtcNow + TestCoordinator.Patience
        );
        await call.RequestStream.WriteAsync(new FromHost { Offer = offer });
        return await StatusOfAsync(call.ResponseStream.MoveNext(CancellationToken.None));
    }

    private static async Task<StatusCode> StatusOfAsync(Task call)
    {
        try
        {
            await call;
            return StatusCode.OK;
        }
        catch (RpcException refused)
        {
            return refused.StatusCode;
        }
    }
}
