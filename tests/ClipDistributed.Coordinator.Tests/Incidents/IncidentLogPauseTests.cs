using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Coordinator.Incidents;
using ClipDistributed.Coordinator.Store;
using ClipDistributed.Coordinator.Store.Rows;
using Microsoft.Extensions.Time.Testing;

namespace ClipDistributed.Coordinator.Tests.Incidents;

public class IncidentLogPauseTests
{
    private readonly FakeTimeProvider time = new(new DateTimeOffset(2030, 1, 1, 0, 0, 0, TimeSpan.Zero));
    private readonly RunRow run = new() { RunId = "demo-1", JobId = "demo", Name = "demo", Number = 1, RunDirectory = "/none" };
    private readonly RunNews news = new();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Pause_UntilItBeginsAgain_NoTimeCounts(bool isRestartedWhilePaused)
    {
        var log = new IncidentLog(run, news, null, time);
        log.Begin();
        run.Started = time.GetUtcNow().UtcDateTime;
        Step(log, seconds: 2);
        log.Note(IncidentKind.ReplicaLost, "r2 died", [("r2", "b")]);
        After(1);
        log.Pause();
        var incident = Assert.Single(news.Opened);
        Assert.Equal(("the run was paused", 1.0), (incident.Action, incident.SecondsLost!.Value));
        log.WriteTo(run);
        run.PausedSince = time.GetUtcNow().UtcDateTime;
        After(100);
        if (isRestartedWhilePaused)
            log = new IncidentLog(run, news, null, time);
        After(100);
        Assert.Equal(3, log.WallSeconds);
        log.Begin();
        Step(log, seconds: 2);
        Assert.Equal((4.0, 5.0), (log.UsefulSeconds, log.WallSeconds));
        log.WriteTo(run);
        run.PausedSince = null;
        After(10); // no coordinator leads
        log = new IncidentLog(run, news, null, time);
        Assert.Equal((200.0, 15.0), (run.PausedSeconds, log.WallSeconds));
        Assert.Single(news.Opened);
    }

    private void Step(IncidentLog log, double seconds)
    {
        After(seconds);
        log.Count(seconds);
    }

    private void After(double seconds) => time.Advance(TimeSpan.FromSeconds(seconds));
}
