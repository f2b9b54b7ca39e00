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

    /// <summary>A label: from 0 in its generation.</summary>
    public const string Rank = "rank";

    /// <summary>A label: the name of a worker host.</summary>
    public const string HostId = "host";

    /// <summary>A label: as in <c>cpu:0</c>.</summary>
    public const string Device = "device";

    /// <summary>A label: <c>cpu</c> or <c>cuda</c>.</summary>
    public const string Kind = "kind";

    /// <summary>A label: of hosts ready, drained, quarantined or lost; of devices free, used or closed.</summary>
    public const string State = "state";

    /// <summary>Time in steps that count ÷ time since the run began, 0 to 1.</summary>
    public const string Goodput = "clipd.goodput_ratio";

    /// <summary>The last step that all replicas applied.</summary>
    public const string RunStep = "clipd.run.step";

    /// <summary>Replicas of the generation.</summary>
    public const string RunReplicas = "clipd.run.replicas";

    /// <summary>How long a run has waited for devices: seconds.</summary>
    public const string RunPending = "clipd.run.pending";

    /// <summary>How long the steps of a rank have waited for other replicas: seconds.</summary>
    public const string Wait = "clipd.wait";

    /// <summary>Operations of the model's matrix products ÷ time of the newest steps, a second.</summary>
    public const string Flops = "clipd.model_flops_per_second";

    /// <summary>That ÷ what the devices of the run could do, 0 to 1: model FLOP/s utilisation, MFU.</summary>
    public const string Mfu = "clipd.mfu_ratio";

    public const string Hosts = "clipd.hosts";
    public const string Devices = "clipd.devices";

    /// <summary>What the processes of a host may use: bytes.</summary>
    public const string HostMemory = "clipd.host.memory";

    /// <summary>Share of the last second in which a device computed, 0 to 1.</summary>
    public const string DeviceUtilisation = "clipd.device_utilisation";

    /// <summary>Of a GPU: bytes.</summary>
    public const string DeviceFreeMemory = "clipd.device.free_memory";

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
