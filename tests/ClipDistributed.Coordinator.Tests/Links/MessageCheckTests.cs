using ClipDistributed.Contracts.Host.V1;
using ClipDistributed.Contracts.Processes;
using ClipDistributed.Contracts.Records;
using ClipDistributed.Contracts.Replica.V1;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Coordinator.Links;
using ClipDistributed.Coordinator.Settings;
using ClipDistributed.Coordinator.Tests.Scripted;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using HostRequest = ClipDistributed.Contracts.Host.V1.ConnectRequest;
using ReplicaRequest = ClipDistributed.Contracts.Replica.V1.ConnectRequest;

namespace ClipDistributed.Coordinator.Tests.Links;

public class MessageCheckTests
{
    private static readonly MessageCheck Check = new(
        new CoordinatorLimits
        {
            NameLength = 20,
            DevicesPerHost = 3,
            TextLength = 10,
            RecordBytes = 200,
        }
    );

    public static TheoryData<string, Action<Offer>> Offers =>
        new()
        {
            { "no secret", offer => offer.Secret = ByteString.Empty },
            { "a short secret", offer => offer.Secret = ByteString.CopyFrom(new byte[31]) },
            { "no name", offer => offer.Host = "" },
            { "a long name", offer => offer.Host = new string('h', 21) },
            { "a name that steers a terminal", offer => offer.Host = "\u001b[2J" },
            { "a long version", offer => offer.Version = new string('1', 21) },
            { "negative memory", offer => offer.MemoryBytes = -1 },
            {
                "too many devices",
                offer => offer.Devices.Add(Enumerable.Range(1, 3).Select(index => new Device { Kind = DeviceKind.Cpu, Index = index }))
            },
            { "a device twice", offer => offer.Devices.Add(offer.Devices[0].Clone()) },
            { "a negative index", offer => offer.Devices[0].Index = -1 },
            { "negative threads", offer => offer.Devices[0].Threads = -1 },
            { "an unknown kind", offer => offer.Devices[0].Kind = (DeviceKind)99 },
            { "no kind", offer => offer.Devices[0].Kind = DeviceKind.Unspecified },
            { "a long device name", offer => offer.Devices[0].Name = new string('g', 21) },
            { "a long uuid", offer => offer.Devices[0].Uuid = new string('g', 21) },
            { "negative memory of a device", offer => offer.Devices[0].MemoryBytes = -1 },
            { "too many replicas", offer => offer.ReplicaIds.Add(["a", "b", "c", "d"]) },
            { "centuries of grace", offer => offer.Drain = new Drain { GraceSeconds = uint.MaxValue } },
        };

    [Theory, MemberData(nameof(Offers))]
    public void Run_OfferOutOfBounds_IsRefused(string what, Action<Offer> change)
    {
        var offer = new Offer
        {
            Host = "a",
            Version = "0.1.0",
            MemoryBytes = 1,
            Secret = ScriptedHost.Secret(),
            Devices =
            {
                new Device
                {
                    Kind = DeviceKind.Cpu,
                    Index = 0,
                    Threads = 1,
                    Name = "a processor",
                },
            },
        };
        Check.Run(offer);
        change(offer);
        Assert.Equal((what, StatusCode.InvalidArgument), (what, Assert.Throws<RequestRefusedException>(() => Check.Run(offer)).Status));
    }

    public static TheoryData<ReplicaRequest> Words => new()
    {
        new ReplicaRequest { Progress = new Progress { Step = -1 } },
        new ReplicaRequest { Progress = new Progress { AppliedStep = -2 } },
        new ReplicaRequest { Progress = new Progress { ResidentBytes = -1 } },
        new ReplicaRequest { Progress = new Progress { BusySeconds = -0.5 } },
        new ReplicaRequest { Progress = new Progress { BusySeconds = double.NaN } },
        new ReplicaRequest { Progress = new Progress { BusySeconds = double.PositiveInfinity } },
        new ReplicaRequest { Progress = new Progress { WaitSeconds = double.NaN } },
        new ReplicaRequest { Progress = new Progress { WaitedFor = { new PeerWait { Rank = -1 } } } },
        new ReplicaRequest { Progress = new Progress { WaitedFor = { new PeerWait { Seconds = double.NaN } } } },
        new ReplicaRequest { Progress = new Progress { WaitedFor = { Enumerable.Repeat(new PeerWait(), Protocol.MaxPeerWaits + 1) } } },
        new ReplicaRequest { Failure = new Failure { AppliedStep = long.MinValue } },
        new ReplicaRequest { Ended = new Ended { AppliedStep = -2 } },
    };

    [Theory, MemberData(nameof(Words))]
    public void Run_NumbersThatCannotBe_AreRefused(ReplicaRequest said) =>
        Assert.Equal(StatusCode.InvalidArgument, Assert.Throws<RequestRefusedException>(() => Check.Run(said)).Status);

    [Fact]
    public void Run_HelloThatCannotBe_IsRefused()
    {
        Check.Run(new Hello { AppliedStep = -1 });
        Hello[] wrong =
        [
            new() { AppliedStep = -2 },
            new() { ResidentBytes = -1 },
            new() { Generation = -1 },
            new() { AssignedStep = -1 },
            new() { DataAddress = new string('1', 21) },
        ];
        Assert.All(wrong, hello => Assert.Throws<RequestRefusedException>(() => Check.Run(hello)));
    }

    [Fact]
    public void Run_LargeRecord_BecomesANoticeOfTheSameNumber()
    {
        var said = new ReplicaRequest
        {
            Record = new NumberedRecord
            {
                Number = 7,
                Record = NoticeRecord.Of(0, new string('x', 300)),
            },
        };
        Check.Run(said);
        Assert.Equal(7, said.Record.Number);
        Assert.Contains("was left out here", said.Record.Record.Notice.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Run_HeartbeatThatCannotBe_IsRefused()
    {
        var gpu = new DeviceState { Kind = DeviceKind.Cuda, Index = 0, FreeMemoryBytes = 0, Fault = new string('x', 11) };
        Check.Run(new HostRequest { Heartbeat = new Heartbeat { Devices = { gpu } } });
        Assert.Equal(new string('x', 10) + "…", gpu.Fault);
        Heartbeat[] wrong =
        [
            new() { Devices = { gpu, gpu } },
            new() { Devices = { new DeviceState { FreeMemoryBytes = -1 } } },
            new() { Devices = { new DeviceState { Utilisation = 1.5 } } },
            new() { Devices = { new DeviceState { Utilisation = double.NaN } } },
            new() { Devices = { Enumerable.Range(0, 4).Select(index => new DeviceState { Index = index }) } },
        ];
        Assert.All(
            wrong, heartbeat => Assert.Throws<RequestRefusedException>(() => Check.Run(new HostRequest { Heartbeat = heartbeat })));
    }

    [Fact]
    public void Run_LongTexts_AreCut()
    {
        var exited = new HostRequest { ReplicaExited = new ReplicaExited { Text = new string('x', 11) } };
        Check.Run(exited);
        Assert.Equal(new string('x', 10) + "…", exited.ReplicaExited.Text);
        var failed = new ReplicaRequest { Failure = new Failure { Errors = { new string('x', 11) } } };
        Check.Run(failed);
        Assert.Equal(new string('x', 10) + "…", Assert.Single(failed.Failure.Errors));
        Assert.Throws<RequestRefusedException>(() => Check.Run(new HostRequest { ReplicaExited = new ReplicaExited { RowsBegun = -1 } }));
    }
}
