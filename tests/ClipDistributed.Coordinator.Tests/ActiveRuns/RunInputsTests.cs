using ClipDistributed.Contracts.Records;
using ClipDistributed.Contracts.Replica.V1;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Coordinator.Members;
using ClipDistributed.Coordinator.Replicas;
using ClipDistributed.Coordinator.ActiveRuns;
using ClipDistributed.TestKit.Simulation;

namespace ClipDistributed.Coordinator.Tests.ActiveRuns;

public class RunInputsTests
{
    private readonly TestRun run = new();

    public RunInputsTests() => run.Compute();

    [Fact]
    public void Take_LostReplicaConnects_IsAskedToLeaveAndStaysLost()
    {
        run.Apply(new RunAction.Lose(run[1], "sent no heartbeat for 3.0 s"), 1);
        var (before, again) = (run[1].Link, new ReplicaLink(1));
        var answer = Assert.IsType<RunAction.AnswerLeave>(Assert.Single(run.Connect(1, again)));
        Assert.Equal((again, "it was evicted: sent no heartbeat for 3.0 s at step 0"), (answer.Link, answer.Reason));
        Assert.Equal((before, false), (run[1].Link, run[1].IsLive));
    }

    [Fact]
    public void Take_ConnectedAgain_IsReportedAndItsRecordsAreAcknowledgedAgain()
    {
        run.Receive(0, RecordOf(step: 1, number: 1));
        run.Active.OnSaved(outage: null);
        run.Apply(Assert.Single(run.Active.Acknowledgements()), 1);
        Assert.Empty(run.Active.Acknowledgements());
        run.Take(new ReplicaEvent.LinkLost(run[0].ReplicaId, run[0].Link!));
        Assert.IsType<RunAction.ReportReturn>(Assert.Single(run.Connect(0, new ReplicaLink(1))));
        Assert.Equal(1, Assert.IsType<RunAction.Acknowledge>(Assert.Single(run.Active.Acknowledgements())).Number);
    }

    [Fact]
    public void Take_RecordOfAnotherGeneration_IsIgnored()
    {
        run.Receive(0, RecordOf(step: 1, number: 1, generation: 2));
        run.Receive(0, RecordOf(step: 1, number: 1, generation: 0));
        Assert.Equal((0L, 0), (run[0].Seat.Recorded, run.Active.News.Records.Count));
        run.Receive(0, RecordOf(step: 1, number: 1));
        run.Receive(0, RecordOf(step: 1, number: 1)); // once more, on another call
        Assert.Equal((1L, 1L, 1), (run[0].Seat.Recorded, run.Active.RecordedStep, run.Active.News.Records.Count));
    }

    [Fact]
    public void Take_MoreRecordsThanAreKept_AreLeftOutAndStepsAreNot()
    {
        const int kept = 5;
        var few = new TestRun(records: kept);
        few.Compute();
        few.Receive(0, RecordOf(step: 1, number: 1));
        for (int number = 2; number <= 20; number++)
            few.Receive(0, NoticeOf(number));
        few.Receive(0, RecordOf(step: 2, number: 21));

        var records = few.Active.News.Records;
        // And a notice that says so.
        Assert.Equal(kept + 1, records.Count(record => RunRecord.Parser.ParseFrom(record.Record).Step is null));
        Assert.Equal((2L, 21L), (few.Active.RecordedStep, few[0].Seat.Recorded));
    }

    [Fact]
    public void Take_MessageOfAFormerLink_IsIgnored()
    {
        var former = run[0].Link!;
        run.Connect(0, new ReplicaLink(1));
        run.Take(new ReplicaEvent.MessageReceived(run[0].ReplicaId, former, RecordOf(step: 1, number: 1)));
        run.Take(new ReplicaEvent.LinkLost(run[0].ReplicaId, former));
        Assert.Equal((0, true), (run.Active.News.Records.Count, run[0].IsLinked));
    }

    [Fact]
    public void Take_Faulty_IsLostAndKilled()
    {
        var failure = new Failure { Generation = 1, Kind = FailureKind.Faulty, Errors = { "NaN" } };
        var actions = run.Receive(1, new ConnectRequest { Failure = failure });
        Assert.Equal(
            [typeof(RunAction.ReportFailure), typeof(RunAction.Lose), typeof(RunAction.Kill)],
            actions.Select(action => action.GetType()));
    }

    [Fact]
    public void Take_StopThenCancel_TheLastOneHoldsAndEachIsConfirmed()
    {
        var (stop, cancel, late) = (new TaskCompletionSource(), new TaskCompletionSource(), new TaskCompletionSource());
        var stopping = run.Active.Take(new RunInput.Stop(stop, "ann"), TestRun.At(1));
        Assert.Equal(RunState.Stopping, Assert.IsType<RunAction.SetState>(stopping[0]).State);
        Assert.Equal(stop, Assert.IsType<RunAction.Confirm>(stopping[1]).Done);
        Assert.Equal(
            cancel,
            Assert.IsType<RunAction.Confirm>(Assert.Single(run.Active.Take(new RunInput.Cancel(cancel), TestRun.At(1)))).Done
        );
        Assert.IsType<RunAction.Confirm>(Assert.Single(run.Active.Take(new RunInput.Stop(late), TestRun.At(1))));
        Assert.IsType<StopRequest.Cancel>(run.Active.Stop);
        Assert.Single(run.Active.News.Records); // the request by name
        Assert.False(stop.Task.IsCompleted); // only what is durable is confirmed
    }

    [Fact]
    public void Take_CheckpointWhileItStops_IsRefused()
    {
        run.Active.Take(new RunInput.SaveCheckpoint(new TaskCompletionSource()), TestRun.At(1));
        Assert.Equal(CheckpointRequest.Requested, run.Active.Checkpoint);
        run.Active.Take(new RunInput.Stop(new TaskCompletionSource()), TestRun.At(1));
        Assert.IsType<RunAction.Refuse>(
            Assert.Single(run.Active.Take(new RunInput.SaveCheckpoint(new TaskCompletionSource()), TestRun.At(1)))
        );
    }

    [Fact]
    public void Take_LaunchFailed_CountsAsALostHost()
    {
        var loading = new TestRun();
        loading.Start();
        loading.Active.Take(new RunInput.LaunchFailed(loading[1].ReplicaId), TestRun.At(1));
        Assert.Equal(LossCause.HostLost, Assert.IsType<Standing.Lost>(loading[1].Standing).Cause);
    }

    private static ConnectRequest NoticeOf(long number) => new()
    {
        Record = new NumberedRecord { Generation = 1, Number = number, Record = NoticeRecord.Of(0, "a notice") },
    };

    private static ConnectRequest RecordOf(long step, long number, long generation = 1) => new()
    {
        Record = new NumberedRecord
        {
            Generation = generation,
            Number = number,
            Record = SimulatedRun.RecordOf(SimulatedState.Initial with { Step = step }, generation),
        },
    };
}
