using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Coordinator.Incidents;
using ClipDistributed.Coordinator.Store.Rows;
using ClipDistributed.Coordinator.Store;
using Microsoft.Extensions.Time.Testing;

namespace ClipDistributed.Coordinator.Tests.Incidents;

public partial class IncidentLogTests
{
    private static readonly IReadOnlyList<(string ReplicaId, string Host)> Lost = [("r2", "b"), ("r3", "b")];

    private readonly FakeTimeProvider time = new(new DateTimeOffset(2030, 1, 1, 0, 0, 0, TimeSpan.Zero));
    private readonly RunRow run = new()
    {
        RunId = "demo-1",
        JobId = "demo",
        Name = "demo",
        Number = 1,
        RunDirectory = "/none",
        Generation = 1,
    };
    private readonly RunNews news = new();
    private IncidentLog log;

    public IncidentLogTests() => log = new IncidentLog(run, news, null, time);

    [Fact]
    public void Close_StepsAreCountedMeanwhile_TheirTimeIsNotLost()
    {
        Begin();
        Step(seconds: 1);
        After(0.4);
        log.Note(IncidentKind.GroupBroken, "", []);
        After(0.2);
        log.Note(IncidentKind.HostLost, "host b is gone", Lost, begun: 14);
        log.Decide("generation 2 with 1 replica after step 12", after: 12);
        After(3);
        log.Follow(applied: 12, recorded: 12);
        Assert.Null(Single().Closed);
        Step(seconds: 1.5);
        log.Follow(applied: 13, recorded: 13);

        var incident = Single();
        Assert.Equal(
            (IncidentKind.HostLost, "host b is gone", "r2\nr3", "b", "generation 2 with 1 replica after step 12"),
            (incident.Kind, incident.Evidence, incident.Replicas, incident.Hosts, incident.Action)
        );
        Assert.Equal(3.6, incident.SecondsLost!.Value, 1e-9); // 0.4 + 0.2 + 3, though the step that follows took 1.5
        Assert.Equal((2L, 0L), (incident.StepsRecomputed, incident.SamplesRepeated));
        Assert.Equal((2.5, 6.1), (log.UsefulSeconds, log.WallSeconds));
    }

    [Fact]
    public void Note_BeforeAnythingIsDone_IsTheSameIncidentOfTheWeightiestKind()
    {
        Begin();
        log.Note(IncidentKind.GroupBroken, "", []);
        log.Note(IncidentKind.StoreUnavailable, "the store was unavailable", []);
        log.Note(IncidentKind.ReplicaLost, "r2 died", [Lost[0]]);
        log.Note(IncidentKind.ReplicaHung, "r3 hangs", [Lost[1]]);
        log.Note(IncidentKind.ReplicaLost, "r2 died", [Lost[0]]);
        Assert.True(log.IsUndecided);
        Assert.True(log.Names("r3"));
        Assert.False(log.Names("r"));
        Assert.Equal(
            (IncidentKind.ReplicaHung, "the store was unavailable; r2 died; r3 hangs", "r2\nr3", "b"),
            Single() is var one ? (one.Kind, one.Evidence, one.Replicas, one.Hosts) : default
        );
    }

    [Fact]
    public void Note_WhileTheLastOneWaitsForItsStep_IsTheNextAndNoTimeIsLostTwice()
    {
        Begin();
        After(1);
        log.Note(IncidentKind.ReplicaLost, "r2 died", []);
        log.Decide("generation 2", after: 0);
        After(2);
        log.Note(IncidentKind.ReplicaLost, "r3 died", []);
        log.Decide("generation 3", after: 0);
        After(4);
        Step(seconds: 0.5);
        log.Follow(applied: 1, recorded: 1);
        Assert.Equal([(1L, 3.0), (2L, 4.0)], news.Opened.Select(one => (one.Number, one.SecondsLost!.Value)));
    }

    [Fact]
    public void Follow_TrainingWentOnMeanwhile_NothingIsLost()
    {
        Begin();
        Step(seconds: 1);
        After(10); // ten steps that were not received
        log.Note(IncidentKind.Coordinator, "it was restarted", [], action: "all came back");
        log.Follow(applied: 11, recorded: 1);
        for (long step = 2; step <= 11; step++)
        {
            log.Count(1);
            log.Follow(applied: 11, step);
        }
        Assert.Null(Single().Closed);
        Step(seconds: 1);
        log.Follow(applied: 12, recorded: 12);
        Assert.Equal((0.0, 0L), (Single().SecondsLost!.Value, Single().StepsRecomputed));
    }

    [Fact]
    public void Count_StepsAreReportedAfterSeveralIncidents_TheirTimeIsNotLost()
    {
        Begin();
        After(10); // ten steps that were not received
        log.Note(IncidentKind.Coordinator, "it stood still", [], action: "all leases are new");
        log.Note(IncidentKind.StoreUnavailable, "the store was unavailable", [], action: "all is durable");
        log.Follow(applied: 0, recorded: 0);
        After(0.5);
        log.Follow(applied: 0, recorded: 1);
        After(0.25);
        for (long step = 1; step <= 10; step++)
            log.Count(1);
        Assert.Equal([0.75, 0.0], news.Opened.Select(one => one.SecondsLost!.Value));
    }

    [Fact]
    public void Follow_StepsCountNoLonger_TheirTimeIsLost()
    {
        Begin();
        Step(seconds: 5);
        log.Note(IncidentKind.ReplicaLost, "all died", [], begun: 11);
        log.Decide("generation 2 after step 2, from the newest checkpoint", after: 2);
        log.UsefulSeconds -= 4; // those behind the checkpoint
        After(2);
        Step(seconds: 1);
        log.Follow(applied: 3, recorded: 3);
        Assert.Equal((6.0, 9L), (Single().SecondsLost!.Value, Single().StepsRecomputed));
    }

    [Fact]
    public void NextCoordinator_ClosesWhatTheLastOneLeftOpen()
    {
        Begin();
        Step(seconds: 1);
        After(1);
        log.Note(IncidentKind.ReplicaLost, "r2 died", [Lost[0]], begun: 2);
        log.WriteTo(run);
        var left = Single();
        news.Clear(); // saved
        After(7);

        log = new IncidentLog(run, news, left, time);
        Assert.Equal(9, log.WallSeconds, 1e-9);
        After(1);
        log.Note(IncidentKind.Coordinator, "another coordinator took over", []);
        log.Decide("generation 2", after: 1);
        Step(seconds: 1);
        log.Follow(applied: 2, recorded: 2);
        Assert.Empty(news.Opened);
        Assert.Equal(
            (IncidentKind.ReplicaLost, "r2 died; another coordinator took over", 9.0, 1L),
            Assert.Single(news.Changed) is var one ? (one.Kind, one.Evidence, one.SecondsLost!.Value, one.StepsRecomputed) : default
        );
        log.Note(IncidentKind.StoreUnavailable, "outage", [], action: "durable");
        Assert.Equal(2, Single().Number);
    }

    [Fact]
    public void End_ClosesWhatIsOpenWithTheRunsEnd()
    {
        Begin();
        log.Note(IncidentKind.ReplicaLost, "r2 died", []);
        After(30);
        log.End("the run ended: stopped");
        Assert.Equal(("the run ended: stopped", 30.0), (Single().Action, Single().SecondsLost!.Value));
    }

    [Fact]
    public void Note_BeforeTheRunBegan_CostsNoTime()
    {
        log.Note(IncidentKind.ReplicaLost, "r1 died before it was ready", [], action: "another one is started");
        After(60);
        Begin();
        After(2);
        Step(seconds: 1);
        log.Follow(applied: 0, recorded: 0);
        log.Follow(applied: 1, recorded: 1);
        Assert.Equal((2.0, 3.0), (Single().SecondsLost!.Value, log.WallSeconds));
    }

    [Fact]
    public void NextCoordinator_WhatWasFoundBeforeTheRunBegan_CostsNoTimeThen()
    {
        log.Note(IncidentKind.ReplicaLost, "r1 died before it was ready", [], action: "another one is started");
        var left = Single();
        news.Clear(); // saved
        After(60);
        Begin();
        Assert.Equal(left, Assert.Single(news.Changed));
        After(2);
        log.WriteTo(run);

        log = new IncidentLog(run, news, left, time);
        Step(seconds: 1);
        log.Follow(applied: 0, recorded: 0);
        log.Follow(applied: 1, recorded: 1);
        Assert.Equal((2.0, 3.0), (left.SecondsLost!.Value, log.WallSeconds));
    }

    [Fact]
    public void Repeat_CountsSamples()
    {
        Begin();
        log.Note(IncidentKind.ReplicaLost, "r2 died", []);
        log.Decide("generation 2", after: 12);
        log.Repeat(256);
        log.Repeat(256);
        Assert.Equal(512, Single().SamplesRepeated);
    }

    private void Begin()
    {
        log.Begin();
        run.Started = time.GetUtcNow().UtcDateTime;
    }

    /// <summary>A step is computed and recorded.</summary>
    private void Step(double seconds)
    {
        After(seconds);
        log.Count(seconds);
    }

    private void After(double seconds) => time.Advance(TimeSpan.FromSeconds(seconds));

    private IncidentRow Single() => Assert.Single(news.Opened);
}
