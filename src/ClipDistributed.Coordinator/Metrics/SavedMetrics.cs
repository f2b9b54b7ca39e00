using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using ClipDistributed.Contracts.Host.V1;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Coordinator.Store;
using ClipDistributed.Coordinator.Store.Rows;
using ClipDistributed.Telemetry;

namespace ClipDistributed.Coordinator.Metrics;

/// <summary>
/// Metrics of what runs have saved since this coordinator began: steps, checkpoints, incidents, and how long they waited to start. They
/// have no label for the run, of which there may be thousands. Thread-safe.
/// </summary>
internal sealed class SavedMetrics
{
    private const string Total = "total";

    private static readonly double[]
        ShortTimes = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60],
        LongTimes = [0.1, 0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1800, 3600, 14400, 86400];

    private readonly TimeProvider time;
    private readonly Histogram<double> steps, recoveries, stalls, waits;
    private readonly Counter<long> samples, failures;
    private readonly ConcurrentDictionary<string, Seen> runs = new(StringComparer.Ordinal);

    public SavedMetrics(ObservedStore store, IMeterFactory meters, TimeProvider time)
    {
        this.time = time;
        var meter = meters.Create(MetricNames.Meter);
        steps = Histogram(meter, MetricNames.Step, "What the parts of steps take; total: all of a step.", ShortTimes);
        samples = meter.CreateCounter<long>(MetricNames.Samples, description: "Rows of new steps.");
        failures = meter.CreateCounter<long>(MetricNames.Failures, description: "Failures of replicas, hosts, groups, coordinator, store.");
        recoveries = Histogram(meter, MetricNames.Recovery, "What an incident cost.", LongTimes);
        stalls = Histogram(meter, MetricNames.CheckpointStall, "How long training stood still for a checkpoint.", ShortTimes);
        waits = Histogram(meter, MetricNames.QueueWait, "How long runs waited for devices before they started.", LongTimes);
        store.Added += run => runs[run.RunId] = new Seen();
        store.Saved += OnSaved;
    }

    private static Histogram<double> Histogram(Meter meter, string name, string description, double[] buckets) => meter.CreateHistogram(
        name, "s", description, advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = buckets });

    private void OnSaved(RunRow run, RunNews news)
    {
        var seen = runs.GetOrAdd(run.RunId, _ => new Seen { IsPlaced = true }); // of a former coordinator
        if (!seen.IsPlaced && run.Kind != DeviceKind.Unspecified) // not by its state: one that waits can be paused, or end
        {
            seen.IsPlaced = true;
            waits.Record(Math.Max(0, (time.GetUtcNow().UtcDateTime - run.Submitted).TotalSeconds));
        }
        foreach (var record in news.Records.Where(record => record.ReplicaId != ""))
            OnRecord(record, seen);
        foreach (var incident in news.Opened.Concat(news.Changed).Where(incident => incident.Number > seen.LastClosed))
        {
            // Before, its kind may change: a group breaks before it is known that a replica was lost.
            if (incident.SecondsLost is not { } lost || !IncidentCause.IsFailure(incident.Kind))
                continue;
            seen.LastClosed = incident.Number;
            failures.Add(1, Label(MetricNames.Cause, IncidentCause.Of(incident.Kind)));
            recoveries.Record(lost);
        }
        if (run.Ended is not null)
            runs.TryRemove(run.RunId, out _);
    }

    private void OnRecord(RecordRow row, Seen seen)
    {
        var record = RunRecord.Parser.ParseFrom(row.Record);
        if (record.Checkpoint is { } saved)
            stalls.Record(saved.HeldSeconds);
        if (record.Step is not { } step)
            return;
        long before = seen.Samples is { } last && last < step.Samples ? last
            : step.Samples - step.Samples / Math.Max(1, step.Step); // the first, or of another attempt: it has a batch
        samples.Add(Math.Max(0, step.Samples - before));
        seen.Samples = step.Samples;
        Record(Total, step.Seconds);
        if (step.Split is not { } split)
            return;
        Record("data", split.Data);
        Record("forward", split.Forward);
        Record("wait", split.Wait);
        Record("gather", split.Gather);
        Record("loss", split.Loss);
        Record("backward", split.Backward);
        Record("reduce", split.Reduce);
        Record("optimizer", split.Optimizer);
    }

    private void Record(string phase, double seconds)
    {
        if (double.IsFinite(seconds))
            steps.Record(seconds, Label(MetricNames.Phase, phase));
    }

    private static KeyValuePair<string, object?> Label(string name, string value) => new(name, value);

    /// <summary>Of a run; its saves come one after the other.</summary>
    private sealed class Seen
    {
        /// <summary>It had devices.</summary>
        public bool IsPlaced { get; set; }

        /// <summary>The number of the newest incident whose cost is known.</summary>
        public long LastClosed { get; set; }

        /// <summary>Up to its newest step; null: none was recorded.</summary>
        public long? Samples { get; set; }
    }
}
