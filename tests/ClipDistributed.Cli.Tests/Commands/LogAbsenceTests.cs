using ClipDistributed.Cli.Commands;
using ClipDistributed.Contracts.Control.V1;
using ClipDistributed.Contracts.Run.V1;
using Google.Protobuf.WellKnownTypes;
using static ClipDistributed.Contracts.Control.V1.LogEntry.Types;

namespace ClipDistributed.Cli.Tests.Commands;

public sealed class LogAbsenceTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    private static readonly LogEntry[] Lines =
    [
        Line(0, "demo-1-r0", "a", Level.Info, "loss 3"), Line(1, "demo-1-r1", "b", Level.Warning, "slow"),
    ];

    [Theory]
    [InlineData(RunState.Pending, "no line of demo-1 yet: it is pending: no devices")]
    [InlineData(
        RunState.Succeeded,
        "no line of demo-1: its replicas have printed none, or the files with them were deleted; clipd run watch demo-1 shows its steps")]
    public void Explain_NoLineAtAll_SaysWhetherSomeMayCome(RunState state, string expected) =>
        Assert.Equal(expected, LogAbsence.Explain(new ReadLogsRequest(), RunIn(state, "no devices"), [], Now));

    public static TheoryData<ReadLogsRequest, string> Filters => new()
    {
        { new ReadLogsRequest { Rank = 7 }, "none is of rank 7; there are ranks 0, 1" },
        { new ReadLogsRequest { Host = "c" }, "none is of host c; there are hosts a, b" },
        { new ReadLogsRequest { ReplicaId = "demo-1-r9" }, "none is of replica demo-1-r9; there are replicas demo-1-r0, demo-1-r1" },
        { new ReadLogsRequest { Level = Level.Error }, "none is of level error or above; the highest is warning" },
        { new ReadLogsRequest { Text = "nan" }, "none has 'nan' in it" },
        {
            new ReadLogsRequest { Since = Now.AddMinutes(-1).ToTimestamp() },
            "none came since 2026-03-01 11:59:00Z; the last came at 2026-03-01 11:50:00Z, 10 min ago"
        },
        { new ReadLogsRequest { Rank = 0, Level = Level.Warning }, "none has all of this at once" },
        { new ReadLogsRequest { Rank = 7, Text = "nan" }, "none is of rank 7; there are ranks 0, 1; none has 'nan' in it" },
    };

    [Theory, MemberData(nameof(Filters))]
    public void Explain_FilterThatNoLinePasses_IsNamedWithWhatThereIs(ReadLogsRequest request, string expected) =>
        Assert.Equal(
            $"no such line of demo-1: {expected}", LogAbsence.Explain(request, RunIn(RunState.Running, ""), Lines, Now));

    private static Run RunIn(RunState state, string reason) => new() { RunId = "demo-1", State = state, Reason = reason };

    private static LogEntry Line(int rank, string replica, string host, Level level, string text) => new()
    {
        Time = Now.AddMinutes(-10).ToTimestamp(), Rank = rank, ReplicaId = replica, Host = host, Level = level, Text = text,
    };
}
