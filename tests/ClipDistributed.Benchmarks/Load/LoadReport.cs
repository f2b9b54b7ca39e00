using System.Text.Json;

namespace ClipDistributed.Benchmarks.Load;

/// <summary>The table of a measurement, its line of JSON, and whether it is within the bounds.</summary>
internal static class LoadReport
{
    /// <returns>False: it is not.</returns>
    public static bool Write(LoadFigures figures)
    {
        var plan = figures.Plan;
        Console.WriteLine(
            $"{plan.Replicas} replicas in {plan.Runs} runs, {plan.Hosts} hosts, {plan.Watchers} watchers of which {plan.SilentWatchers} "
                + $"never read, {plan.ListCalls} list calls a second, {figures.Uses.Count} s");
        Console.WriteLine(
            $"processors used by hosts and replicas {figures.Uses.Average(use => use.Peers):0.00}, by watchers and list calls "
                + $"{figures.Uses.Average(use => use.Callers):0.00}, by other processes {figures.Others:0.00} of "
                + $"{Environment.ProcessorCount}; quiet seconds (others below {UseOfASecond.QuietCores}): {figures.QuietSeconds}"
                + $"{(figures.IsQuietEnough ? ", times are of these" : ", too few: times are of all seconds and of other processes")}");
        Console.WriteLine();
        var rows = Rows(figures);
        int what = rows.Max(row => row.What.Length), measured = rows.Max(row => row.Measured.Length),
            bound = rows.Max(row => row.Bound.Length);
        foreach (var row in rows)
        {
            string line = $"{row.What.PadRight(what)}  {row.Measured.PadLeft(measured)}  {row.Bound.PadLeft(bound)}";
            Console.WriteLine(row.IsMet ? line.TrimEnd() : $"{line}  MISSED");
        }
        Console.WriteLine();
        Console.WriteLine(Json(figures, rows));
        return rows.All(row => row.IsMet);
    }

    private static List<LoadRow> Rows(LoadFigures figures)
    {
        var (lists, health) = (figures.Lists.Quantile(0.99, figures.IsJudged), figures.Health.Quantile(0.99, figures.IsJudged));
        var lag = figures.Lags.Quantile(1, figures.IsJudged);
        int silent = figures.Plan.SilentWatchers, reading = figures.Plan.Watchers - silent;
        return
        [
            new("reports a second", $"{figures.ReportsPerSecond:0}", $"> {LoadBounds.Reports * figures.Plan.Replicas:0}",
                figures.ReportsPerSecond > LoadBounds.Reports * figures.Plan.Replicas),
            new("coordinator, processors", $"{figures.Cores:0.00}", $"< {LoadBounds.Cores}", figures.Cores < LoadBounds.Cores),
            new("coordinator, resident MiB at most", Mebibytes(figures.MaxMemory), $"< {Mebibytes(LoadBounds.Memory)}",
                figures.MaxMemory < LoadBounds.Memory),
            new("its growth, second to last quarter", $"{figures.MemoryGrowth:0.0%}", $"< {LoadBounds.MemoryGrowth:0%}",
                figures.MemoryGrowth < LoadBounds.MemoryGrowth),
            new("list calls, p99 ms", Milliseconds(lists), $"< {Milliseconds(LoadBounds.ListCall)}", lists < LoadBounds.ListCall),
            // Says what a missed bound is from, but the coordinator's own pauses hold up these calls too: it excuses nothing.
            new("calls that do nothing (health), p99 ms", Milliseconds(health), "", IsMet: true),
            new($"lag of {reading} watchers, max ms", Milliseconds(lag), $"< {Milliseconds(LoadBounds.WatcherLag)}",
                lag < LoadBounds.WatcherLag),
            // A step a second: one that has received the newest is up to a second behind, and in a pause of another process more.
            new("furthest behind at the end, ms", Milliseconds(figures.Behind), $"< {Milliseconds(2 * LoadBounds.WatcherLag)}",
                figures.Behind < 2 * LoadBounds.WatcherLag),
            new("that never read: cut off", $"{figures.CutOff}", $"= {silent}", figures.CutOff == silent),
            new("that never read: went on from there", $"{figures.Returned}", $"= {silent}", figures.Returned == silent),
        ];
    }

    private static string Json(LoadFigures figures, List<LoadRow> rows) => JsonSerializer.Serialize(new
    {
        replicas = figures.Plan.Replicas,
        runs = figures.Plan.Runs,
        hosts = figures.Plan.Hosts,
        watchers = figures.Plan.Watchers,
        silent_watchers = figures.Plan.SilentWatchers,
        seconds = figures.Uses.Count,
        quiet_seconds = figures.QuietSeconds,
        reports_per_second = Math.Round(figures.ReportsPerSecond, 1),
        processors_others = Math.Round(figures.Others, 3),
        processors = Math.Round(figures.Cores, 3),
        resident_bytes_max = figures.MaxMemory,
        resident_growth = Math.Round(figures.MemoryGrowth, 4),
        list_ms = Quantiles(figures.Lists, figures),
        health_ms = Quantiles(figures.Health, figures),
        lag_ms = Quantiles(figures.Lags, figures),
        behind_ms = Math.Round(figures.Behind.TotalMilliseconds, 1),
        cut_off = figures.CutOff,
        returned = figures.Returned,
        missed = rows.Where(row => !row.IsMet).Select(row => row.What),
    });

    private static object Quantiles(TimedSamples samples, LoadFigures figures) => new
    {
        count = samples.Count(_ => true),
        p50 = Of(samples, 0.5, _ => true),
        p99 = Of(samples, 0.99, _ => true),
        max = Of(samples, 1, _ => true),
        judged = samples.Count(figures.IsJudged),
        judged_p99 = Of(samples, 0.99, figures.IsJudged),
        judged_max = Of(samples, 1, figures.IsJudged),
    };

    private static double Of(TimedSamples samples, double part, Func<int, bool> within) =>
        Math.Round(samples.Quantile(part, within)?.TotalMilliseconds ?? 0, 1);

    private static string Milliseconds(TimeSpan? time) => time is { } known ? $"{known.TotalMilliseconds:0.0}" : "none";

    private static string Mebibytes(long bytes) => $"{bytes / (double)(1 << 20):0}";
}
