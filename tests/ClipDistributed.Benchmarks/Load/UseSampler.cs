using System.Diagnostics;

namespace ClipDistributed.Benchmarks.Load;

/// <summary>Samples once a second what the processes of a measurement use.</summary>
internal static class UseSampler
{
    public static async Task<IReadOnlyList<UseOfASecond>> RunAsync(Process coordinator, Process peers, int seconds)
    {
        using var self = Process.GetCurrentProcess();
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1));
        var uses = new List<UseOfASecond>();
        var before = Now();
        while (uses.Count < seconds && await timer.WaitForNextTickAsync())
        {
            var now = Now();
            double elapsed = (now.At - before.At).TotalSeconds;
            double ofCoordinator = (now.Coordinator - before.Coordinator).TotalSeconds / elapsed,
                ofPeers = (now.Peers - before.Peers).TotalSeconds / elapsed,
                ofSelf = (now.Self - before.Self).TotalSeconds / elapsed,
                ofAll = (now.All - before.All).TotalSeconds / elapsed;
            uses.Add(new UseOfASecond(
                ofCoordinator, ofPeers, ofSelf, Math.Max(0, ofAll - ofCoordinator - ofPeers - ofSelf), coordinator.WorkingSet64));
            before = now;
        }
        return uses;

        (TimeSpan At, TimeSpan Coordinator, TimeSpan Peers, TimeSpan Self, TimeSpan All) Now() => (
            Stopwatch.GetElapsedTime(0), ProcessorTimes.Of(coordinator), ProcessorTimes.Of(peers), ProcessorTimes.Of(self),
            ProcessorTimes.OfMachine());
    }
}
