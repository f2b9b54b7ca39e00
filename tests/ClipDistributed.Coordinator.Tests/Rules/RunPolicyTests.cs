using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Coordinator.Members;
using ClipDistributed.Coordinator.Replicas;
using ClipDistributed.Coordinator.ActiveRuns;
using ClipDistributed.Coordinator.Tests.ActiveRuns;

namespace ClipDistributed.Coordinator.Tests.Rules;

/// <summary>Whole runs are simulated elsewhere; this shows the shape: a state and a moment in, actions out, and nothing else.</summary>
public class RunPolicyTests
{
    private readonly TestRun run = new();

    [Fact]
    public void Next_WithoutDevices_WantsNothing() => Assert.Empty(run.Next(0));

    [Fact]
    public void Next_AllAreReady_AnnouncesAGeneration()
    {
        run.Start();
        Assert.Equal(RunState.Starting, Assert.IsType<RunAction.SetState>(Assert.Single(run.Next(1))).State); // they load
        run.Connect(0, new ReplicaLink(1));
        run.Connect(1, new ReplicaLink(1));
        var announced = Assert.IsType<RunAction.AnnounceGeneration>(Assert.Single(run.Next(1)));
        Assert.Equal((1L, 2, ""), (announced.Generation.Number, announced.Generation.Members.Count, announced.Reason));
    }

    [Fact]
    public void Next_AfterAnAnnouncement_AssignsAllStepsAhead()
    {
        run.Compute();
        Assert.Equal((RunState.Running, 1L), (run.Active.State, run.Active.GenerationNumber));
        Assert.Equal([20L, 20L], run.Active.Roster.All.Select(replica => replica.Seat.Assigned));
    }

    /// <summary>Asked again without anything applied, it wants the same: it changes nothing itself.</summary>
    [Fact]
    public void Next_AskedTwice_AnswersTheSame()
    {
        run.Start();
        run.Connect(0, new ReplicaLink(1));
        run.Connect(1, new ReplicaLink(1));
        var (first, second) = (run.Next(1), run.Next(1));
        Assert.Equal(first.Select(action => action.GetType()), second.Select(action => action.GetType()));
        Assert.Equal((0L, RunState.Unspecified, 0), (run.Active.GenerationNumber, run.Active.State, run.Active.News.Begun.Count));
    }

    [Fact]
    public void Next_NothingIsLeftToDo_OnlySaysWhenToAskAgain()
    {
        run.Compute();
        Assert.Equal(TestRun.At(1.5), Assert.IsType<RunAction.WakeAt>(Assert.Single(run.Next(1))).Moment);
    }

    [Fact]
    public void Next_OneIsSilentForItsLease_IsLostAndKilledFirst()
    {
        run.Compute();
        var (heard, silent) = (run[0], run[1]);
        heard.OnMessage(TestRun.At(4));
        var actions = run.Next(4.1);
        Assert.Equal([typeof(RunAction.Lose), typeof(RunAction.Kill)], actions.Select(action => action.GetType()));
        Assert.Equal((silent, LossCause.Evicted), actions[0] is RunAction.Lose lose ? (lose.Replica, lose.Cause) : default);
        Assert.True(silent.IsLive); // only the action changes that
    }

    [Fact]
    public void Next_Cancelled_EndsBeforeAnythingElse()
    {
        run.Compute();
        run.Active.Stop = new StopRequest.Cancel();
        var actions = run.Next(1);
        Assert.Equal(RunState.Cancelled, Assert.IsType<RunAction.BeginEnding>(actions[0]).State);
        Assert.Contains(actions, action => action is RunAction.BreakGeneration);
        Assert.Equal(2, actions.Count(action => action is RunAction.AnnounceGenerationEnd));

        foreach (var action in actions)
            run.Apply(action, 1);
        Assert.IsType<RunAction.AnnounceRunEnd>(Assert.Single(run.Next(1)));
        run.Apply(new RunAction.AnnounceRunEnd(), 1);
        Assert.IsType<RunAction.KillRun>(Assert.Single(run.Next(1))); // without grace
    }
}
