using ClipDistributed.Contracts.Control.V1;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Coordinator.ActiveRuns;
using ClipDistributed.Coordinator.History.Explanations;
using ClipDistributed.Coordinator.Hosts;
using static ClipDistributed.Coordinator.Tests.History.Explanations.Samples;

namespace ClipDistributed.Coordinator.Tests.History.Explanations;

/// <summary>What hosts mean for a run now.</summary>
public sealed class HostExplanationTests
{
    [Theory]
    [InlineData(RunState.Running)]
    [InlineData(RunState.Recovering)]
    public void Of_HostThatSendsNothing_ComesFirstAndSaysWhatFollows(RunState state)
    {
        var now = DateTimeOffset.UnixEpoch.AddDays(1);
        var (silent, heard) = (Member("demo-4-r1", 0), Member("demo-4-r2", 1));
        var found = Found(state, new RunNeed("demo-4", 2, 2)) with
        {
            Now = now, Lease = TimeSpan.FromSeconds(3),
            Silent = [new SilentHost("b", now.AddSeconds(-12), "its connection broke", [silent], [heard])],
        };
        found.Run.Replicas.AddRange([silent, heard]);
        var explained = RunExplanation.Of(found).ToList();
        Assert.Equal(
            "Host b has been silent for 12 s (its connection broke), with demo-4-r1 (rank 0); demo-4-r2 (rank 1) there still answers.",
            explained[0].Text);
        Assert.DoesNotContain(explained, one => one.Kind == ExplanationKind.Well);
        Assert.Contains("sends nothing for 3 s is given up, after 30 s", explained[^1].Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true, "the run goes on from there, as a new attempt.")]
    [InlineData(false, "where it stays paused, for a new attempt.")]
    public void Of_RunThatIsRolledBack_SaysWhereItGoesOn(bool resumes, string expected)
    {
        var found = Found(RunState.Pausing, null) with { RollBack = new RollBack(2, 72, resumes) };
        string next = RunExplanation.Of(found).Last().Text;
        Assert.Contains("checkpoint of step 72", next, StringComparison.Ordinal);
        Assert.EndsWith(expected, next, StringComparison.Ordinal);
    }

    [Fact]
    public void Of_ReplicaThatSendsNothingOnAGoodHost_NamesBoth()
    {
        var found = Found(RunState.Running, null) with { Silent = [new SilentHost("b", null, "", [Member("demo-4-r1", 0)], [])] };
        Assert.Equal("Demo-4-r1 (rank 0) on host b sends nothing.", RunExplanation.Of(found).First().Text);
    }

    [Fact]
    public void Of_DrainedHostWithItsReplicas_SaysThatTheyLeave()
    {
        var found = Found(RunState.Running, new RunNeed("demo-4", 1, 2)) with
        {
            Devices =
            [
                Device("a", 0, "demo-4", "demo-4-r1") with { Closed = DevicePool.Drained },
                Device("a", 1) with { Closed = DevicePool.Drained },
            ],
        };
        found.Run.Replicas.Add(Member("demo-4-r1", 0));
        var closed = RunExplanation.Of(found).Single(one => one.Kind == ExplanationKind.HostClosed); // said once
        Assert.Equal(("a", "demo-4-r1"), (closed.Hosts.Single(), closed.ReplicaIds.Single()));
        Assert.StartsWith(
            "Host a is drained, with demo-4-r1: it leaves at a step boundary", closed.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Of_ClosedDevicesOfOneHost_AreExplainedByTheirOwnReasons()
    {
        const string Lost = "has a faulty cuda:0 (it is lost)", Hot = "has a faulty cuda:2 (it is hot)";
        var found = Found(RunState.Running, new RunNeed("demo-4", 1, 4)) with
        {
            Devices =
            [
                Device("a", 0, "demo-4", "demo-4-r1") with { Closed = Lost },
                Device("a", 1, "demo-4", "demo-4-r2"),
                Device("a", 2) with { Closed = Hot },
                Device("b", 0, "demo-4", "demo-4-r3") with { Closed = DevicePool.Drained },
            ],
        };
        found.Run.Replicas.Add(Member("demo-4-r1", 0));
        Assert.Equal(
            [("a", Lost, "demo-4-r1"), ("b", DevicePool.Drained, "demo-4-r3"), ("a", Hot, "")],
            RunExplanation.Of(found).Where(one => one.Kind == ExplanationKind.HostClosed)
                .Select(one => (one.Hosts.Single(), one.Evidence, string.Join(' ', one.ReplicaIds))));
    }

    [Fact]
    public void Of_LostHostWhoseTokenWasRevoked_SaysWhyItStaysAway()
    {
        var found = Found(RunState.Succeeded, null) with
        {
            Incidents = [Incident(1, IncidentKind.HostLost)],
            Refusals = new Dictionary<string, string> { ["a"] = "its token was revoked" },
        };
        Assert.EndsWith(
            "Host a cannot connect again: its token was revoked.", RunExplanation.Of(found).Skip(1).First().Text, StringComparison.Ordinal);
    }
}
