using System.Diagnostics;
using ClipDistributed.Collectives.Cuda;

namespace ClipDistributed.Collectives.Tests.Cuda;

public sealed class PollWaitTests
{
    [Fact]
    public void Once_ForLong_SleepsBetweenPolls()
    {
        var whole = TimeSpan.FromMilliseconds(100);
        long start = Stopwatch.GetTimestamp();
        int polls = 0;
        for (var wait = new PollWait(); Stopwatch.GetElapsedTime(start) < whole; wait.Once())
            polls++;
        // One for each 50 µs, and those of the first 50; a thread that spins makes some hundred thousand.
        Assert.InRange(polls, 1, 10_000);
    }
}
