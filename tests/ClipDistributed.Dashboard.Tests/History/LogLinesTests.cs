using ClipDistributed.Contracts.Control.V1;
using ClipDistributed.Dashboard.History;

namespace ClipDistributed.Dashboard.Tests.History;

public sealed class LogLinesTests
{
    [Fact]
    public void Add_MoreThanABrowserHolds_LeavesOutTheOldest()
    {
        var lines = new LogLines();
        for (int line = 1; line <= LogLines.Max; line++)
            lines.Add(new LogEntry { Sequence = line });
        Assert.False(lines.IsCut);
        lines.Add(new LogEntry { Sequence = LogLines.Max + 1 });
        Assert.True(lines.IsCut);
        Assert.Equal(Enumerable.Range(2, LogLines.Max).Select(line => (long)line), lines.All.Select(line => line.Sequence));
    }

    [Fact]
    public void ToRequest_PageBefore_DoesNotFollow()
    {
        var now = new DateTimeOffset(2026, 11, 30, 12, 0, 0, TimeSpan.Zero);
        var filter = LogFilter.All with { Host = "a", Rank = 0, Text = "nccl", Since = TimeSpan.FromHours(1), Before = 70 };
        var request = filter.ToRequest("demo-1", now);
        Assert.Equal(("a", 0, "nccl", 70, false), (request.Host, request.Rank, request.Text, request.BeforeSequence, request.Follow));
        Assert.Equal(now.AddHours(-1), request.Since.ToDateTimeOffset());
        Assert.True(LogFilter.All.ToRequest("demo-1", now).Follow);
        Assert.False(LogFilter.All.ToRequest("demo-1", now).HasRank);
    }
}
