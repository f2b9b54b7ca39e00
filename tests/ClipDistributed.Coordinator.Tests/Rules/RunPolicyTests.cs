using ClipDistributed.Contracts.Host.V1;
using ClipDistributed.Contracts.Replica.V1;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Coordinator.Hosts;
using ClipDistributed.Coordinator.Incidents;
using ClipDistributed.Coordinator.Members;
using ClipDistributed.Coordinator.PoisonRows;
using ClipDistributed.Coordinator.Replicas;
using ClipDistributed.Coordinator.Rules;
using ClipDistributed.Coordinator.RunStates;
using ClipDistributed.Coordinator.Store;
using ClipDistributed.Data.Streams;
using Microsoft.Extensions.Time.Testing;

namespace ClipDistributed.Coordinator.Tests.Rules;

/// <summary>Whole runs are simulated elsewhere; this shows the shape: a state and a moment in, actions out, and nothing else.</summary>
public class RunPolicyTests
{
    private static readonly StreamOrder Order = new([50, 30], seed: 1, globalBatch: 8, streams: 2, shuffleBlock: 5);

    private readonly CoordinatorOptions options = new();
    private readonly FakeTimeProvider time = new();
    private readonly RunRow row = new() { RunId = "demo-1", JobId = "demo", Name = "demo", Number = 1, RunDirectory = "/none", Steps = 20 };
    private readonly RunState state;

    public RunPolicyTests()
    {
        var news = new RunNews();
        state = new RunState(
            row,
            new RunWork(new RunNeed("demo-1", 2, 2), Order, ShareUnit: 1, Patience: TimeSpan.FromMinutes(30), RebalanceAbove: 0),
            new PoisonRowSearch("demo-1", Order, []),
            new RunIncidents(new IncidentLog(row, news, open: null, time)),
            news,
            new RecordLog("demo-1", news, time, last: 0))
        {
            Takeover = new Takeover(TimeSpan.Zero, isWaiting: false, "the coordinator was restarted", IncidentKind.Coordinator),
            Term = 1,
        };
    }

    [Fact]
    public void Next_WithoutDevices_WantsNothing() => Assert.Empty(Next(0));

    [Fact]
    public void Next_AllAreReady_AnnouncesAGenerationThenAssignsSteps()
    {
        Start(2);
        Assert.Equal(RunPhase.Starting, Assert.IsType<RunAction.SetPhase>(Assert.Single(Next(1))).Phase); // they load
        Ready(0, 1);
        var announced = Assert.IsType<RunAction.AnnounceGeneration>(Assert.Single(Next(1)));
        Assert.Equal((1L, 2, ""), (announced.Generation.Number, announced.Generation.Members.Count, announced.Reason));

        Apply(announced, 1);
        Settle(1);
        Assert.Equal([20L, 20L], state.Roster.All.Select(replica => replica.Seat.Assigned)); // all steps of the run
        Assert.Equal((RunPhase.Running, 1L), (state.Phase, state.GenerationNumber));
    }

    /// <summary>Asked again without anything applied, it wants the same: it changes nothing itself.</summary>
    [Fact]
    public void Next_AskedTwice_AnswersTheSame()
    {
        Start(2);
        Ready(0, 1);
        var (first, second) = (Next(1), Next(1));
        Assert.Equal(first.Select(action => action.GetType()), second.Select(action => action.GetType()));
        Assert.Equal((0L, RunPhase.Unspecified, 0), (state.GenerationNumber, state.Phase, state.News.Begun.Count));
    }

    [Fact]
    public void Next_NothingIsLeftToDo_OnlySaysWhenToAskAgain()
    {
        Compute();
        var wake = Assert.IsType<RunAction.WakeAt>(Assert.Single(Next(1)));
        Assert.Equal(TimeSpan.FromSeconds(1.5), wake.Moment);
    }

    [Fact]
    public void Next_OneIsSilentForItsLease_IsLostAndKilledFirst()
    {
        Compute();
        var (heard, silent) = (state.Roster.All[0], state.Roster.All[1]);
        heard.OnMessage(At(4));
        var actions = Next(4.1);
        Assert.Equal([typeof(RunAction.Lose), typeof(RunAction.Kill)], actions.Select(action => action.GetType()));
        Assert.Equal((silent, LossCause.Evicted), actions[0] is RunAction.Lose lose ? (lose.Replica, lose.Cause) : default);
        Assert.True(silent.IsLive); // only the action changes that
    }

    [Fact]
    public void Next_Cancelled_EndsBeforeAnythingElse()
    {
        Compute();
        state.Stop = new StopRequest.Cancel();
        var actions = Next(1);
        Assert.Equal(RunPhase.Cancelled, Assert.IsType<RunAction.BeginEnding>(actions[0]).Phase);
        Assert.Contains(actions, action => action is RunAction.BreakGeneration);
        Assert.Equal(2, actions.Count(action => action is RunAction.AnnounceGenerationEnd));

        actions.ToList().ForEach(action => Apply(action, 1));
        Assert.IsType<RunAction.AnnounceRunEnd>(Assert.Single(Next(1)));
        Apply(new RunAction.AnnounceRunEnd(), 1);
        Assert.IsType<RunAction.KillRun>(Assert.Single(Next(1))); // without grace
    }

    private void Compute()
    {
        Start(2);
        Ready(0, 1);
        Settle(1);
    }

    /// <summary>Applies what the rules want until they want nothing more.</summary>
    private void Settle(double seconds)
    {
        for (var next = Next(seconds); next.Any(action => action is not RunAction.WakeAt); next = Next(seconds))
        {
            foreach (var action in next)
                Apply(action, seconds);
        }
    }

    private void Start(int replicas)
    {
        state.Kind = DeviceKind.Cpu;
        for (int index = 0; index < replicas; index++)
        {
            string id = $"demo-1-r{index + 1}";
            var stored = new ReplicaRow
            {
                RunId = "demo-1", ReplicaId = id, Host = "a", Kind = DeviceKind.Cpu, DeviceIndex = index, Restores = index == 0, Launched = default,
            };
            state.Roster.Add(new Replica(id, new DeviceId("a", DeviceKind.Cpu, index), restores: index == 0, At(0)), stored);
        }
    }

    private void Ready(params int[] replicas)
    {
        foreach (int index in replicas)
        {
            var hello = new Hello { AppliedStep = index == 0 ? 0 : -1 };
            var connected = new ReplicaEvent.Connected(state.Roster.All[index].ReplicaId, new ReplicaLink(1), hello);
            Assert.Empty(state.Take(new RunInput.OfReplica(connected), At(1)));
        }
    }

    private void Apply(RunAction action, double seconds) => state.Apply(action, new Moment(At(seconds), time.GetUtcNow().UtcDateTime));

    private IReadOnlyList<RunAction> Next(double seconds) =>
        RunPolicy.Next(new RunSituation(state, At(seconds), options, HearsOtherHosts: _ => true, ClosedHosts: () => ""));

    private static TimeSpan At(double seconds) => TimeSpan.FromSeconds(seconds);
}
