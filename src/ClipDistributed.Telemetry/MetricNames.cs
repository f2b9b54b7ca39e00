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

    /// <summary>A label: a part of a step, as in <c>forward</c>, or <c>total</c>.</summary>
    public const string Phase = "phase";

    /// <summary>Time in steps that count ÷ time since the run began, 0 to 1.</summary>
    public const string Goodput = "clipd.goodput_ratio";

    /// <summary>The last step that all replicas applied.</summary>
    public const string RunStep = "clipd.run.step";

    /// <summary>Replicas of the generation.</summary>
    public const string RunReplicas = "clipd.run.replicas";

    /// <summary>How long a run has waited for devices: seconds.</summary>
    public const string RunPending = "clipd.run.pending";

    /// <summary>What the parts of steps take: seconds.</summary>
    public const string Step = "clipd.step";

    /// <summary>Rows of new steps.</summary>
    public const string Samples = "clipd.samples";

    /// <summary>Replicas, hosts and groups that failed, and outages of coordinator and store, by cause.</summary>
    public const string Failures = "clipd.failures";

    /// <summary>What an incident cost: seconds.</summary>
    public const string Recovery = "clipd.recovery";

    /// <summary>How long training stood still for a checkpoint: seconds.</summary>
    public const string CheckpointStall = "clipd.checkpoint_stall";

    /// <summary>How long runs waited for devices before they started: seconds.</summary>
    public const string QueueWait = "clipd.queue_wait";

    /// <summary>Incidents of a run, by cause.</summary>
    public const string Incidents = "clipd.incidents";

    /// <summary>What they cost, by cause: seconds.</summary>
    public const string IncidentLost = "clipd.incident.lost";

    /// <summary>Steps that were computed again.</summary>
    public const string StepsRecomputed = "clipd.steps.recomputed";

    /// <summary>Rows that entered the weights twice.</summary>
    public const string SamplesRepeated = "clipd.samples.repeated";
}
