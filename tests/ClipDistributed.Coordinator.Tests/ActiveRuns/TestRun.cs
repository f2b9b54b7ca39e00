using ClipDistributed.Contracts.Host.V1;
using ClipDistributed.Contracts.Replica.V1;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Coordinator.Hosts;
using ClipDistributed.Coordinator.Incidents;
using ClipDistributed.Coordinator.Members;
using ClipDistributed.Coordinator.PoisonRows;
using ClipDistributed.Coordinator.Replicas;
using ClipDistributed.Coordinator.Rules;
using ClipDistributed.Coordinator.ActiveRuns;
using ClipDistributed.Coordinator.Settings;
using ClipDistributed.Coordinator.Store.Rows;
using ClipDistributed.Coordinator.Store;
using ClipDistributed.Data.Streams;
using Microsoft.Extensions.Time.Testing;
using ConnectRequest = ClipDistributed.Contracts.Replica.V1.ConnectRequest;

namespace ClipDistributed.Coordinator.Tests.ActiveRuns;

/// <summary>The state of a run of 20 steps on two replicas of host a, without a loop.</summary>
internal sealed class TestRun
{
    private static readonly StreamOrder Order = new([50, 30], seed: 1, globalBatch: 8, streams: 2, shuffleBlock: 5);

    private readonly CoordinatorOptions options = new();
    private readonly FakeTimeProvider time = new();

    /// <param name="records">That are kept, steps not counted.</param>
    public TestRun(int records = 1_000)
    {
        var row = new RunRow { RunId = "demo-1", JobId = "demo", Name = "demo", Number = 1, RunDirectory = "/none", Steps = 20 };
        var news = new RunNews();
        Active = new ActiveRun(
            row,
            new RunSettings(new RunNeed("demo-1", 2, 2), Order, ShareUnit: 1, WaitTimeout: TimeSpan.FromMinutes(30), RebalanceAbove: 0),
            new PoisonRowSearch("demo-1", Order, []),
            new RunIncidents(new IncidentLog(row, news, open: null, time)),
            news,
            new RecordLog("demo-1", news, time, last: 0, records))
        {
            Takeover = new Takeover(TimeSpan.Zero, isWaiting: false, "the coordinator was restarted", IncidentKind.Coordinator),
            Term = 1,
        };
    }

    public ActiveRun Active { get; }

    public Replica this[int index] => Active.Roster.All[index];

    public static TimeSpan At(double seconds) => TimeSpan.FromSeconds(seconds);

    /// <summary>Both replicas are started; the first one restores.</summary>
    public void Start()
    {
        Active.Kind = DeviceKind.Cpu;
        for (int index = 0; index < 2; index++)
        {
            string id = $"demo-1-r{index + 1}";
            var stored = new ReplicaRow
            {
                RunId = "demo-1",
                ReplicaId = id,
                Host = "a",
                Kind = DeviceKind.Cpu,
                DeviceIndex = index,
                Restores = index == 0,
                Launched = default,
            };
            Active.Roster.Add(new Replica(id, new DeviceId("a", DeviceKind.Cpu, index), restores: index == 0, At(0)), stored);
        }
    }

    /// <summary>A replica connects.</summary>
    public IReadOnlyList<RunAction> Connect(int index, ReplicaLink link) => Take(new ReplicaEvent.Connected(
        this[index].ReplicaId, link, new Hello { AppliedStep = index == 0 ? 0 : -1, Generation = Active.GenerationNumber }));

    /// <summary>They form generation 1 and are assigned steps, a second after the start.</summary>
    public void Compute()
    {
        Start();
        Connect(0, new ReplicaLink(1));
        Connect(1, new ReplicaLink(1));
        for (var next = Next(1); next.Any(action => action is not RunAction.WakeAt); next = Next(1))
        {
            foreach (var action in next)
                Apply(action, 1);
        }
    }

    public IReadOnlyList<RunAction> Take(ReplicaEvent happened) => Active.Take(new RunInput.OfReplica(happened), At(1));

    public IReadOnlyList<RunAction> Receive(int index, ConnectRequest message) =>
        Take(new ReplicaEvent.MessageReceived(this[index].ReplicaId, this[index].Link!, message));

    public void Apply(RunAction action, double seconds) => Active.Apply(action, new Moment(At(seconds), time.GetUtcNow().UtcDateTime));

    public IReadOnlyList<RunAction> Next(double seconds) =>
        RunPolicy.Next(new RunSituation(Active, At(seconds), options, ReceivesFromOtherHosts: _ => true, ClosedHosts: () => ""));
}
