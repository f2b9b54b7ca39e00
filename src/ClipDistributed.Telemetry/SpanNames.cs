namespace ClipDistributed.Telemetry;

/// <summary>What spans of traces and their attributes are called.</summary>
public static class SpanNames
{
    /// <summary>Of the activity source.</summary>
    public const string Source = "ClipDistributed";

    /// <summary>A run from its submission to its end; all other spans of it are below.</summary>
    public const string Run = "run";

    /// <summary>It waits for devices.</summary>
    public const string Queue = "queue";

    /// <summary>From the order to start a replica to the first generation that it is a member of.</summary>
    public const string Launch = "launch replica";

    /// <summary>From its announcement to the next one, or to where the run no longer computes.</summary>
    public const string Generation = "generation";

    /// <summary>From the announcement of a generation to its first step.</summary>
    public const string Form = "form generation";

    /// <summary>From the first to the last step of a generation.</summary>
    public const string Train = "train";

    public const string SaveCheckpoint = "save checkpoint";

    /// <summary>To S3.</summary>
    public const string SendCheckpoint = "send checkpoint";

    /// <summary>From the last step before a failure to the first one after it.</summary>
    public const string Recovery = "recovery";

    /// <summary>The same where nothing failed: replicas joined or left as they were asked to.</summary>
    public const string Regroup = "regroup";

    /// <summary>Part of a recovery: from the last step to where the fault was noticed.</summary>
    public const string Notice = "notice fault";

    /// <summary>Part of a recovery: from there to the announcement of the next generation.</summary>
    public const string Evict = "evict members";

    public const string JobId = "clipd.job_id";
    public const string RunId = "clipd.run_id";

    /// <summary>From 1; the newest one.</summary>
    public const string Attempt = "clipd.attempt";
    public const string GenerationNumber = "clipd.generation";

    /// <summary>Of the coordinator.</summary>
    public const string Term = "clipd.term";
    public const string ReplicaId = "clipd.replica_id";
    public const string HostId = "clipd.host";
    public const string Device = "clipd.device";

    /// <summary>How many.</summary>
    public const string Replicas = "clipd.replicas";
    public const string Step = "clipd.step";
    public const string State = "clipd.state";

    /// <summary>As the label of metrics.</summary>
    public const string Cause = "clipd.cause";

    /// <summary>Human-readable.</summary>
    public const string Evidence = "clipd.evidence";

    /// <summary>Human-readable.</summary>
    public const string Action = "clipd.action";
    public const string Incident = "clipd.incident";
    public const string SecondsLost = "clipd.seconds_lost";
    public const string StepsRecomputed = "clipd.steps_recomputed";
    public const string SecondsHeld = "clipd.seconds_held";
}
