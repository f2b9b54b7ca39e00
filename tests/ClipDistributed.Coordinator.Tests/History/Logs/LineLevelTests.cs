using ClipDistributed.Coordinator.History.Logs;
using static ClipDistributed.Contracts.Control.V1.LogEntry.Types;

namespace ClipDistributed.Coordinator.Tests.History.Logs;

public sealed class LineLevelTests
{
    [Theory]
    [InlineData("2026-01-31T08:15:30.125Z INF all is well", Level.Info)]
    [InlineData("2026-01-31T08:15:30.125Z FTL it ends", Level.Fatal)]
    [InlineData("a:41:41 [0] NCCL WARN a cable is loose", Level.Warning)]
    [InlineData("a:41:41 [0] NCCL INFO Channel 00/02", Level.Info)]
    [InlineData("[W1130 12:00:00.000 socket.cpp:464] retrying", Level.Warning)]
    [InlineData("[E socket.cpp:464] refused", Level.Error)]
    [InlineData("[Warning] of something else", Level.Unspecified)]
    [InlineData("Unhandled exception. System.Exception: bug", Level.Fatal)]
    [InlineData("terminate called after throwing an instance of 'c10::Error'", Level.Fatal)]
    [InlineData("   at ClipDistributed.Replica.Program", Level.Debug)] // as the line before
    [InlineData("words", Level.Unspecified)]
    [InlineData("", Level.Unspecified)]
    public void Of_Line_IsWhatItShows(string line, Level level) => Assert.Equal(level, LineLevel.Of(line, before: Level.Debug));
}
