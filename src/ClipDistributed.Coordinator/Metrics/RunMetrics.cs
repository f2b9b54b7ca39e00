using System.Diagnostics.Metrics;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Coordinator.Runs;
using ClipDistributed.Telemetry;

namespace ClipDistributed.Coordinator.Metrics;

/// <summary>The metrics of active runs, and for a while of those that have ended, computed when they are scraped.</summary>
internal sealed class RunMetrics
{
    /// <summary>An ended run is exported for so long, so that its last values are scraped.</summary>
    private static readonly TimeSpan Afterwards = TimeSpan.FromMinutes(15);

    /// <summary>Of one metric; the replicas of further ranks and runs are left out.</summary>
    private const int MaxSeries = 2_000;

    private readonly RunTable table;
    private readonly TimeProvider time;

    public RunMetrics(RunTable table, TimeProvider time, IMeterFactory meters)
    {
        (this.table, this.time) = (table, time);
        var meter = meters.Create(MetricNames.Meter);
        meter.CreateObservableGauge(
            MetricNames.Goodput,
            () => Runs().Where(run => run.Run.WallSeconds > 0).Select(run => Of(run, run.Run.UsefulSeconds / run.Run.WallSeconds)),
            description: "Time in new steps, divided by the time since the run began."
        );
        meter.CreateObservableGauge(
            MetricNames.RunStep,
            () => Runs().Select(run => Of(run, run.Run.Step)),
            description: "The last step that all replicas applied."
        );
        meter.CreateObservableGauge(
            MetricNames.RunReplicas,
            () => Runs().Select(run => Of(run, run.Run.Replicas.Count)),
            description: "Replicas of the generation."
        );
        meter.CreateObservableGauge(
            MetricNames.RunPending,
            () => Runs().Where(run => run.Run.State == RunState.Pending)
                .Select(run => Of(run, (time.GetUtcNow() - run.Run.Submitted.ToDateTimeOffset()).TotalSeconds)),
            "s",
            "How long a run has waited for devices."
        );
        meter.CreateObservableCounter(MetricNames.Wait, Waits, "s", "How long the steps of a rank have waited for other replicas.");
        meter.CreateObservableCounter(MetricNames.Incidents, () => ByCause(_ => 1L), description: "Incidents of a run.");
        meter.CreateObservableCounter(
            MetricNames.IncidentLost,
            () => ByCause(incident => incident.SecondsLost),
            "s",
            "Time lost by incidents."
        );
        meter.CreateObservableCounter(
            MetricNames.StepsRecomputed,
            () => ByCause(incident => incident.StepsRecomputed),
            description: "Steps that were recomputed."
        );
        meter.CreateObservableCounter(
            MetricNames.SamplesRepeated,
            () => ByCause(incident => incident.SamplesRepeated),
            description: "Rows that entered the weights twice; 0, unless the program has a bug."
        );
    }

    private IEnumerable<RunJournal> Runs() =>
        table.Runs.Where(run => run.Run.Ended is null || time.GetUtcNow() - run.Run.Ended.ToDateTimeOffset() < Afterwards);

    /// <summary>Of the generation: the counter begins anew with the next one.</summary>
    private IEnumerable<Measurement<double>> Waits() =>
        (from run in Runs()
         where run.Run.Ended is null
         from replica in run.Run.Replicas
         select new Measurement<double>(
             replica.WaitSeconds,
             new KeyValuePair<string, object?>(MetricNames.RunId, run.Run.RunId),
             new KeyValuePair<string, object?>(MetricNames.Rank, replica.Rank))).Take(MaxSeries);

    private static Measurement<T> Of<T>(RunJournal run, T value)
        where T : struct => new(value, new KeyValuePair<string, object?>(MetricNames.RunId, run.Run.RunId));

    private IEnumerable<Measurement<T>> ByCause<T>(Func<Incident, T> cost)
        where T : struct, System.Numerics.INumber<T> =>
        from run in Runs()
        from kind in run.Incidents.GroupBy(incident => incident.Kind)
        select new Measurement<T>(
            kind.Aggregate(T.Zero, (sum, incident) => sum + cost(incident)),
            new KeyValuePair<string, object?>(MetricNames.RunId, run.Run.RunId),
            new KeyValuePair<string, object?>(MetricNames.Cause, IncidentCause.Of(kind.Key))
        );
}
