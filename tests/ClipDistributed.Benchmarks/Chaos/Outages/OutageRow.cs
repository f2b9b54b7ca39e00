using System.Globalization;
using ClipDistributed.Contracts.Records;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Contracts.Runs;

namespace ClipDistributed.Benchmarks.Chaos.Outages;

/// <summary>A run of its own while something is unavailable: the pauses between its steps, and what it records of it.</summary>
internal sealed class OutageRow(Outage outage, ChaosCluster cluster)
{
    private const double RegroupBound = 5.5; // a lease, and what follows

    private readonly string runId = $"{outage.Name}-1";
    private readonly List<double> pauses = [];
    private readonly List<int> counts = [];
    private long recomputed;
    private int regrouped;

    public void Measure(int repeats, int seconds, ChaosTally tally)
    {
        var directory = cluster.Submit(outage.Name, outage.Changes);
        using var watch = new StepWatch(directory);
        StepWatch.Until(() => watch.Steps.Any(step => step.Step >= 10) ? true : (bool?)null, "the tenth step");
        for (int i = 0; i < repeats; i++)
            Suffer(watch, directory, TimeSpan.FromSeconds(seconds));
        if (outage.Changes.Count > 0)
            AwaitCheckpoint(directory, watch.Steps[^1].Step);
        string incidents = cluster.Ask("run", "show", runId, "--incidents");
        var end = RunEnd.Of(cluster, runId, directory);
        Write(end, seconds, incidents, directory, tally);
    }

    private void Suffer(StepWatch watch, RunDirectory directory, TimeSpan duration)
    {
        int generations = watch.Generations.Count;
        var (began, day) = (watch.Now, DateTime.UtcNow);
        outage.Begin(cluster);
        Thread.Sleep(duration);
        outage.End(cluster);
        var ended = watch.Now;
        watch.After(watch.Steps[^1].Step + 10, ended);
        Thread.Sleep(TimeSpan.FromSeconds(3)); // leases that had not been renewed would run out
        var moments = outage.HidesSteps
            ? [.. BoardTimes.Of(directory).Select(step => step.At - day + began)]
            : watch.Steps.Select(step => step.At).ToList();
        counts.Add(moments.Count(moment => moment >= began && moment <= ended));
        pauses.Add(
            moments
                .Zip(moments.Skip(1))
                .Where(pair => pair.Second >= began && pair.First <= watch.Now)
                .Max(pair => pair.Second - pair.First)
                .TotalSeconds
        );
        recomputed = Math.Max(recomputed, watch.RecomputedSince(generations));
        regrouped += watch.Generations.Count - generations;
    }

    /// <summary>One that was begun when the outage was over.</summary>
    private void AwaitCheckpoint(RunDirectory directory, long step) =>
        StepWatch.Until(
            () =>
                Directory.Exists(directory.Attempt(1))
                && Directory
                    .GetDirectories(directory.Attempt(1))
                    .Any(saved => string.CompareOrdinal(saved, directory.Checkpoint(1, step)) > 0)
                    ? true
                    : (bool?)null,
            $"a checkpoint after step {step}"
        );

    private void Write(RunEnd end, int seconds, string incidents, RunDirectory directory, ChaosTally tally)
    {
        var (listed, exit) = outage.Changes.Count > 0 ? cluster.Try("checkpoint", "list", outage.Checkpoints ?? directory.Root) : ("", 0);
        Console.WriteLine(
            string.Create(
                CultureInfo.InvariantCulture,
                $"{outage.Name, -20} {counts.Count, 2} × {seconds, 3} s: {counts.Min()} steps at least meanwhile · longest pause median "
                    + $"{ChaosTally.Median(pauses):0.00} s, worst {pauses.Max():0.00} s · step "
                    + $"{ChaosTally.Median([.. end.Steps.Select(step => step.Seconds)]):0.00} s · new generations {regrouped} · recomputed "
                    + $"{recomputed} · {end.Verified}"
            )
        );
        var recorded = Read(directory.Events).Concat(Read(directory.CoordinatorEvents)).ToList();
        var notices = recorded.Select(record => record.Notice).OfType<RunNotice>().ToList();
        var shown = Summary(notices)
            .Concat(incidents.Split('\n').SkipWhile(line => !line.StartsWith("incidents", StringComparison.Ordinal)))
            .Where(line => line.Trim().Length > 0)
            .ToList();
        foreach (string line in shown)
            Console.WriteLine($"    {line.TrimEnd()}");
        foreach (string line in listed.Split('\n').Where(line => line.Trim().Length > 0))
            Console.WriteLine($"    {line.TrimEnd()}");
        double bound = regrouped > 0 ? Math.Max(RegroupBound, outage.Pause) : outage.Pause;
        string?[] misses =
        [
            pauses.Max() > bound ? $"no step for {pauses.Max():0.0} s, of at most {bound:0.0}" : null,
            recomputed > regrouped ? $"{recomputed} steps recomputed" : null,
            outage.Incident is { } kind && recorded.All(record => record.Incident?.What != kind)
                ? $"no incident of the kind '{kind}' was recorded"
                : null,
            outage.Cause is { } cause && notices.All(notice => !notice.Text.Contains(cause, StringComparison.Ordinal))
                ? $"no notice names its cause '{cause}'"
                : null,
            outage.Lacking(cluster.Logged),
            exit != 0 ? "a checkpoint is damaged or missing" : null,
        ];
        tally.Add(outage.Name, recomputed, end, misses.Any(miss => miss is not null) ? string.Join(", ", misses.OfType<string>()) : null);
    }

    /// <summary>Notices, equal ones once but for their numbers.</summary>
    private static IEnumerable<string> Summary(IEnumerable<RunNotice> notices) =>
        notices
            .GroupBy(notice => string.Concat(notice.Text.Where(letter => !char.IsDigit(letter))))
            .Select(alike => $"step {alike.First().Step}: {alike.First().Text}{(alike.Count() > 1 ? $" ({alike.Count()} such)" : "")}");

    private static IEnumerable<RunRecord> Read(string file) => File.ReadLines(file).Select(RunRecordJson.TryParse).OfType<RunRecord>();
}
