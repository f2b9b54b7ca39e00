using ClipDistributed.Contracts.Control.V1;
using ClipDistributed.Contracts.Host.V1;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Coordinator.History.Explanations;
using ClipDistributed.Coordinator.Hosts;
using ClipDistributed.Coordinator.Store.Rows;
using Google.Protobuf.WellKnownTypes;
using static ClipDistributed.Coordinator.Tests.History.Explanations.Samples;

namespace ClipDistributed.Coordinator.Tests.History.Explanations;

public sealed class RunExplanationTests
{
    [Fact]
    public void Of_RunThatLacksDevices_SaysHowManyAndWhoHoldsThem()
    {
        var found = Found(RunState.Pending, new RunNeed("demo-4", 4, 6)) with
        {
            Devices =
            [
                Device("a", 0), Device("a", 1), Device("b", 0, "demo-3", "demo-3-r1"), Device("b", 1, "demo-3", "demo-3-r2"),
                Device("c", 0) with { Closed = "is drained" },
            ],
        };

        var explained = RunExplanation.Of(found).ToList();

        Assert.Equal(
            [ExplanationKind.DevicesMissing, ExplanationKind.DevicesHeld, ExplanationKind.HostClosed, ExplanationKind.Next],
            explained.Select(one => one.Kind));
        Assert.Equal((4, 2), (explained[0].Needed, explained[0].Available));
        Assert.Equal(
            ("demo-3", "b", 2, "demo-3-r1,demo-3-r2"),
            (explained[1].RunId, explained[1].Hosts.Single(), explained[1].Held, string.Join(',', explained[1].ReplicaIds)));
        Assert.Equal(("c", "is drained"), (explained[2].Hosts.Single(), explained[2].Evidence));
        Assert.Equal("It needs 4 devices, or up to 6, of one kind; 2 of 4 cpu devices are free.", explained[0].Text);
    }

    [Fact]
    public void Of_RunAfterAnEarlierOne_NamesIt()
    {
        var found = Found(RunState.Pending, new RunNeed("demo-4", 1, 1)) with
        {
            Devices = [Device("a", 0), Device("a", 1)],
            Ahead = [new RunNeed("demo-1", 8, 8), new RunNeed("demo-2", 2, 2)], // no host has eight
        };
        var first = RunExplanation.Of(found).First();
        Assert.Equal((ExplanationKind.Queued, "demo-2", 2), (first.Kind, first.RunId, first.Needed));
    }

    [Fact]
    public void Of_NoHost_SaysThatNoneIsFree()
    {
        var first = RunExplanation.Of(Found(RunState.Pending, new RunNeed("demo-4", 1, 1))).First();
        Assert.Equal((ExplanationKind.DevicesMissing, 1, 0), (first.Kind, first.Needed, first.Available));
    }

    [Fact]
    public void Of_RunWithFewerReplicasThanItMayHave_NamesWhoHasTheDevices()
    {
        var found = Found(RunState.Running, new RunNeed("demo-4", 1, 2)) with
        {
            Devices = [Device("a", 0, "demo-4", "demo-4-r1"), Device("a", 1, "demo-3", "demo-3-r1")],
        };
        found.Run.Replicas.Add(new RunReplica { ReplicaId = "demo-4-r1" });
        var explained = RunExplanation.Of(found).ToList();
        Assert.Equal(
            [ExplanationKind.ReplicasMissing, ExplanationKind.DevicesHeld, ExplanationKind.Next], explained.Select(one => one.Kind));
        Assert.Equal((1, "demo-3"), (explained[0].Available, explained[1].RunId));
    }

    [Theory]
    [InlineData(4, 0, null, 0)] // open, closed, lost and busy ones would suffice together
    [InlineData(5, 0, null, 1)]
    [InlineData(5, 1, null, 0)]
    [InlineData(3, 0, 2, 1)] // its owner may use two
    [InlineData(3, 0, 3, 0)]
    public void Of_RunThatNoKnownHostsCouldHold_SaysThatItNeverStarts(int min, int lost, int? quota, int expected)
    {
        var found = Found(RunState.Pending, new RunNeed("demo-4", min, min, Owner: "ann")) with
        {
            Devices =
            [
                Device("a", 0), Device("a", 1), Device("b", 0, "demo-3", "demo-3-r1"),
                Device("c", 0) with { Closed = DevicePool.Drained },
            ],
            LostDevices = [.. Enumerable.Range(0, lost).Select(index => new DeviceId("d", DeviceKind.Cpu, index))],
            Quota = quota,
        };
        Assert.Equal(expected, RunExplanation.Of(found).Count(one => one.Kind == ExplanationKind.Unplaceable));
    }

    [Fact]
    public void Of_NoKnownHost_DoesNotCallItNever() => Assert.DoesNotContain(
        RunExplanation.Of(Found(RunState.Pending, new RunNeed("demo-4", 1, 1))), one => one.Kind == ExplanationKind.Unplaceable);

    [Fact]
    public void Of_RequestsOfUsers_AreListedTheNewestFirst()
    {
        var found = Found(RunState.Succeeded, null) with
        {
            Requests = [Request("pause", step: 3), Request("roll back to step 2 of attempt 1", step: 4)],
        };
        Assert.Equal(
            [("roll back to step 2 of attempt 1", 4L), ("pause", 3L)],
            RunExplanation.Of(found).Where(one => one.Kind == ExplanationKind.Requested).Select(one => (one.Evidence, one.Step)));
    }

    [Theory]
    [InlineData(RunState.Starting, ExplanationKind.ReplicasAwaited)]
    [InlineData(RunState.Waiting, ExplanationKind.ReplicasAwaited)]
    [InlineData(RunState.Recovering, ExplanationKind.ReplicasAwaited)]
    [InlineData(RunState.Running, ExplanationKind.ReplicasMissing)]
    [InlineData(RunState.Pausing, ExplanationKind.Paused)]
    [InlineData(RunState.Paused, ExplanationKind.Paused)]
    [InlineData(RunState.Stopping, ExplanationKind.Ending)]
    [InlineData(RunState.Stopped, ExplanationKind.Ended)]
    [InlineData(RunState.Succeeded, ExplanationKind.Ended)]
    [InlineData(RunState.Failed, ExplanationKind.Ended)]
    [InlineData(RunState.Cancelled, ExplanationKind.Ended)]
    [InlineData((RunState)99, ExplanationKind.Well)]
    public void Of_AnyState_SaysWhyAndWhatIsNext(RunState state, ExplanationKind kind)
    {
        var found = Found(state, new RunNeed("demo-4", 2, 3));
        found.Run.Reason = "why it is so";
        var explained = RunExplanation.Of(found).ToList();
        Assert.Equal([kind, ExplanationKind.Next], explained.Select(one => one.Kind));
        Assert.All(explained, one => Assert.NotEqual("", one.Text));
        if (state is not RunState.Running)
            Assert.Equal("why it is so", explained[0].Evidence);
    }

    [Theory]
    [InlineData(IncidentKind.ReplicaFaulty, ExplanationKind.ReplicaRemoved)]
    [InlineData(IncidentKind.ReplicaHung, ExplanationKind.ReplicaRemoved)]
    [InlineData(IncidentKind.ReplicaLost, ExplanationKind.ReplicaRemoved)]
    [InlineData(IncidentKind.HostLost, ExplanationKind.HostRemoved)]
    [InlineData(IncidentKind.HostDrained, ExplanationKind.HostRemoved)]
    [InlineData(IncidentKind.ReplicaJoined, ExplanationKind.ReplicaJoined)]
    [InlineData(IncidentKind.GroupBroken, ExplanationKind.Interrupted)]
    [InlineData(IncidentKind.Coordinator, ExplanationKind.Interrupted)]
    [InlineData(IncidentKind.StoreUnavailable, ExplanationKind.Interrupted)]
    public void Of_Incident_HasItsEvidenceAndWhatWasDone(IncidentKind kind, ExplanationKind explained)
    {
        var found = Found(RunState.Succeeded, null) with { Incidents = [Incident(1, IncidentKind.Coordinator), Incident(2, kind)] };
        var past = RunExplanation.Of(found).Skip(1).First(); // the newest first
        Assert.Equal((explained, 2, "it died", "generation 2"), (past.Kind, past.Incident, past.Evidence, past.Action));
        Assert.Equal(("demo-4-r1", "a"), (past.ReplicaIds.Single(), past.Hosts.Single()));
        Assert.Contains("it died", past.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Of_RunThatWasScaled_DoesNotCallItAnInterruption()
    {
        var found = Found(RunState.Succeeded, null) with { Incidents = [Incident(1, IncidentKind.RunScaled)] };
        Assert.Contains("It was scaled: it died. Then", RunExplanation.Of(found).Skip(1).First().Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Of_RunWhoseOwnerMayUseNoMore_SaysSo()
    {
        const string reason = "needs at least 1 device; its owner ann may use 0 more now";
        var found = Found(RunState.Pending, new RunNeed("demo-4", 1, 1, Owner: "ann")) with { Devices = [Device("a", 0)] };
        found.Run.Reason = reason;
        var first = RunExplanation.Of(found).First();
        Assert.Equal((ExplanationKind.DevicesMissing, reason), (first.Kind, first.Evidence));
        Assert.EndsWith($"1 of 1 cpu devices is free. It waits: {reason}.", first.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Of_SharesThatChanged_SaysFromWhenAndWhy()
    {
        var found = Found(RunState.Running, null) with
        {
            Generation = new GenerationRow
            {
                RunId = "demo-4", Number = 2, StartStep = 0, Term = 1, Announced = DateTime.UnixEpoch, Members = "r1\nr2", Shares = "4\n4",
            },
            Reshared = [new ShareRow { RunId = "demo-4", Generation = 2, FirstStep = 81, Shares = "5\n3", Reason = "r2 is slow." }],
        };
        var change = RunExplanation.Of(found).Single(one => one.Kind == ExplanationKind.SharesChanged);
        Assert.Equal((81, "r2 is slow."), (change.Step, change.Evidence));
        Assert.Equal([("r1", 5), ("r2", 3)], change.ReplicaIds.Zip(change.Shares));
    }

    [Theory]
    [InlineData(RunState.Preempted, 7)]
    [InlineData(RunState.Pausing, 0)]
    public void Of_RunThatMakesWay_NamesForWhom(RunState state, long step)
    {
        var found = Found(state, new RunNeed("demo-4", 1, 1)) with { Devices = [Device("a", 0, "demo-5", "demo-5-r1")] };
        (found.Run.PreemptedBy, found.Run.Step, found.Run.Reason) = ("demo-5", 7, "why it is so");
        var explained = RunExplanation.Of(found).ToList();
        Assert.Equal(
            (ExplanationKind.Preempted, "demo-5", step, "why it is so"),
            (explained[0].Kind, explained[0].RunId, explained[0].Step, explained[0].Evidence));
        Assert.Equal(state == RunState.Preempted, explained.Exists(one => one.Kind == ExplanationKind.DevicesHeld));
        Assert.Contains("by itself", explained[^1].Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Of_RunThatOthersMakeWayFor_NamesThem()
    {
        var found = Found(RunState.Pending, new RunNeed("demo-4", 2, 2)) with { Victims = ["demo-2", "demo-3"] };
        var explained = RunExplanation.Of(found).Where(one => one.Kind == ExplanationKind.Preempting);
        Assert.Equal(["demo-2", "demo-3"], explained.Select(one => one.RunId));
    }

    private static RunRecord Request(string text, long step) => new()
    {
        Time = DateTime.UnixEpoch.ToUniversalTime().ToTimestamp(),
        Request = new RequestReceived { Request = text, By = "ann (10.0.0.7)", Step = step },
    };
}
