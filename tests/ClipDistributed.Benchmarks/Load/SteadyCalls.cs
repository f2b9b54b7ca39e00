using System.Diagnostics;
using ClipDistributed.Contracts.Control.V1;

namespace ClipDistributed.Benchmarks.Load;

/// <summary>Makes calls at a steady rate, however long the answers take.</summary>
internal static class SteadyCalls
{
    /// <param name="call">Makes one of a number, from 0.</param>
    /// <param name="times">How long each took.</param>
    public static async Task RunAsync(Func<int, Task> call, int perSecond, TimedSamples times, CancellationToken cancel)
    {
        var open = new List<Task>();
        long start = Stopwatch.GetTimestamp();
        for (int number = 0; !cancel.IsCancellationRequested; number++)
        {
            var due = TimeSpan.FromSeconds((double)number / perSecond);
            var wait = due - Stopwatch.GetElapsedTime(start);
            if (wait > TimeSpan.Zero)
                await Task.Delay(wait, cancel).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            open.RemoveAll(made => made.IsCompletedSuccessfully);
            open.Add(CallAsync(call(number), times));
        }
        await Task.WhenAll(open);
    }

    /// <summary>Runs, jobs and hosts in turn.</summary>
    public static Task ListAsync(ControlService.ControlServiceClient client, int number) => (number % 3) switch
    {
        0 => client.ListRunsAsync(new ListRunsRequest()).ResponseAsync,
        1 => client.ListJobsAsync(new ListJobsRequest()).ResponseAsync,
        _ => client.ListHostsAsync(new ListHostsRequest()).ResponseAsync,
    };

    private static async Task CallAsync(Task call, TimedSamples times)
    {
        long start = Stopwatch.GetTimestamp();
        await call;
        times.Add(Stopwatch.GetElapsedTime(start));
    }
}
