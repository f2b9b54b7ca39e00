using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Coordinator.Incidents;
using ClipDistributed.Coordinator.Store.Rows;
using ClipDistributed.Coordinator.Store;
using Microsoft.Extensions.Time.Testing;

namespace ClipDistributed.Coordinator.Tests.Incidents;

public partial class IncidentLogTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Pause_UntilItBeginsAgain_NoTimeCounts(bool isRestartedWhilePaused)
    {
        Begin();
        Step(seconds: 2);
        log.Note(IncidentKind.ReplicaLost, "r2 died", Lost);
        After(1);
        log.Pause();
        Assert.Equal(("the run was paused", 1.0), (Single().Action, Single().SecondsLost!.Value));
        log.WriteTo(run);
        run.PausedSince = time.GetUtcNow().UtcDateTime;
        After(100);
        if (isRestartedWhilePaused)
            log = new IncidentLog(run, news, null, time);
        After(100);
        Assert.Equal(3, log.WallSeconds);
        log.Begin();
        Step(seconds: 2);
        Assert.Equal((4.0, 5.0), (log.UsefulSeconds, log.WallSeconds));
        log.WriteTo(run);
        run.PausedSince = null;
        After(10); // no coordinator leads
        log = new IncidentLog(run, news, null, time);
        Assert.Equal((200.0, 15.0), (run.PausedSeconds, log.WallSeconds));
        Assert.Single(news.Opened);
    }
}
