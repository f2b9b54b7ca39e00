namespace ClipDistributed.Telemetry;

/// <summary>What metrics and their labels are called. Prometheus sees dots as underscores, and counters with <c>_total</c> behind
/// them.</summary>
public static class MetricNames
{
    public const string Meter = "ClipDistributed";

    /// <summary>A label: like <c>demo-3</c>.</summary>
    public const string RunId = "run_id";

    /// <summary>A label: the kind of an incident, as in <c>replica_lost</c>.</summary>
    public const string Cause = "cause";

    /// <summary>Time in steps that count ÷ time since the run began, 0 to 1.</summary>
    public const string RunGoodput = "clipd.run.goodput_ratio";

    /// <summary>The last step that all replicas applied.</summary>
    public const string RunStep = "clipd.run.step";

    /// <summary>Replicas of the generation.</summary>
    public const string RunReplicas = "clipd.run.replicas";

    /// <summary>Incidents of a run, by cause.</summary>
    public const string Incidents = "clipd.incidents";

    /// <summary>What they cost, by cause: seconds.</summary>
    public const string IncidentLost = "clipd.incident.lost";

    /// <summary>Steps that were computed again.</summary>
    public const string StepsRecomputed = "clipd.steps.recomputed";

    /// <summary>Rows that entered the weights twice.</summary>
    public const string SamplesRepeated = "clipd.samples.repeated";
}
