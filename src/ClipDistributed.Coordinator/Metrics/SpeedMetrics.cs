using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Coordinator.Hosts;
using ClipDistributed.Coordinator.Runs;
using ClipDistributed.Coordinator.Store;
using ClipDistributed.Coordinator.Store.Rows;
using ClipDistributed.Telemetry;

namespace ClipDistributed.Coordinator.Metrics;

/// <summary>
/// How fast running runs compute: the operations that their model needs for a step, by the step's time, and which part of their GPUs'
/// rate of dense bfloat16 products that is. Processors have no rate that is known, so runs on slots have no such part. Thread-safe.
/// </summary>
internal sealed class SpeedMetrics
{
    private const double Tera = 1e12;

    private readonly RunTable table;
    private readonly DevicePool pool;
    private readonly ConcurrentDictionary<string, double> rates = new(StringComparer.Ordinal); // of the newest steps, by run

    public SpeedMetrics(RunTable table, DevicePool pool, ObservedStore store, IMeterFactory meters)
    {
        (this.table, this.pool) = (table, pool);
        var meter = meters.Create(MetricNames.Meter);
        meter.CreateObservableGauge(MetricNames.Flops, () => Running().Select(run => Of(run.RunId, run.Rate)),
            description: "Operations of the model's matrix products, each counted once, a second.");
        meter.CreateObservableGauge(MetricNames.Mfu, Parts,
            description: "Model FLOP/s utilisation: that, by the peak of the run's GPUs in dense bfloat16, whatever precision the run has. "
                + "Absent on processors.");
        store.Saved += OnSaved;
    }

    private void OnSaved(RunRow run, RunNews news)
    {
        if (run.Ended is not null)
        {
            rates.TryRemove(run.RunId, out _);
            return;
        }
        double flops = 0, seconds = 0;
        foreach (var row in news.Records.Where(row => row.ReplicaId != ""))
        {
            if (RunRecord.Parser.ParseFrom(row.Record).Step is not { HasFlops: true } step || !(step.Seconds > 0))
                continue;
            (flops, seconds) = (flops + step.Flops, seconds + step.Seconds);
        }
        if (seconds > 0 && double.IsFinite(flops / seconds))
            rates[run.RunId] = flops / seconds;
    }

    private IEnumerable<(string RunId, double Rate)> Running() =>
        from run in table.Runs
        where run.Run.State == RunState.Running
        let rate = rates.GetValueOrDefault(run.Run.RunId)
        where rate > 0
        select (run.Run.RunId, rate);

    private IEnumerable<Measurement<double>> Parts()
    {
        var devices = pool.Snapshot().Where(device => device.RunId is not null).ToLookup(device => device.RunId!);
        foreach (var (runId, rate) in Running())
        {
            var peaks = devices[runId].Select(device => CardPeaks.Of(device.Label)?.Peak).ToList();
            if (peaks.Count > 0 && peaks.TrueForAll(peak => peak is not null))
                yield return Of(runId, rate / (peaks.Sum()!.Value * Tera));
        }
    }

    private static Measurement<double> Of(string runId, double value) =>
        new(value, new KeyValuePair<string, object?>(MetricNames.RunId, runId));
}
