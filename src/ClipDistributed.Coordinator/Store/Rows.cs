using ClipDistributed.Contracts.Host.V1;
using ClipDistributed.Contracts.Run.V1;

namespace ClipDistributed.Coordinator.Store;

/// <summary>The one row of the table coordinator: who owns the store.</summary>
internal sealed class CoordinatorRow
{
    public int Id { get; set; }

    /// <summary>Counts the coordinators that have owned the store, one after the other.</summary>
    public long Term { get; set; }

    /// <summary>The one of that term, by a name that no other has; empty: it has given the store back.</summary>
    public string Holder { get; set; } = "";

    /// <summary>Where it is reached, as in http://10.0.0.1:7071; empty: not known yet.</summary>
    public string Address { get; set; } = "";

    /// <summary>Counts its signs of life.</summary>
    public long Beat { get; set; }

    /// <summary>Of the last sign, by its own clock, UTC: for people, nothing is decided by it.</summary>
    public DateTime? Renewed { get; set; }
}

/// <summary>A row of the table jobs.</summary>
internal sealed class JobRow
{
    public required string JobId { get; set; }

    /// <summary>The spec's name; several jobs may have the same.</summary>
    public required string Name { get; set; }

    public required string RunDirectory { get; set; }

    /// <summary>UTC.</summary>
    public required DateTime Submitted { get; set; }

    /// <summary>The TrainingSpec with all its values, as protobuf.</summary>
    public required byte[] Spec { get; set; }

    /// <summary>Of the data as it was when the job was submitted: rows of every shard, 64-bit little-endian.</summary>
    public byte[] ShardRows { get; set; } = [];

    /// <summary>Of the order of samples.</summary>
    public int Streams { get; set; }

    /// <summary>Of the order of samples.</summary>
    public int ShuffleBlock { get; set; }

    /// <summary>Rows of the global batch that one replica computes together.</summary>
    public int ShareUnit { get; set; }
}

/// <summary>A row of the table runs.</summary>
internal sealed class RunRow
{
    /// <summary>In the order of submission, over all runs.</summary>
    public long Place { get; set; }

    public required string RunId { get; set; }

    public required string JobId { get; set; }

    /// <summary>The job's name.</summary>
    public required string Name { get; set; }

    /// <summary>Counts from 1 over all runs of that name.</summary>
    public required int Number { get; set; }

    public required string RunDirectory { get; set; }

    public RunPhase Phase { get; set; }

    public string Reason { get; set; } = "";

    public long Generation { get; set; }

    public long Step { get; set; }

    public long Steps { get; set; }

    public double? Loss { get; set; }

    /// <summary>That its last records belong to; 0: none yet.</summary>
    public long Attempt { get; set; }

    /// <summary>The last step of that attempt whose record is kept.</summary>
    public long RecordedStep { get; set; }

    /// <summary>Of the devices that it was given; unspecified: none yet.</summary>
    public DeviceKind Kind { get; set; }

    /// <summary>Replicas that were started over the whole run.</summary>
    public int Launched { get; set; }

    /// <summary>Of the newest generation, when it began.</summary>
    public int Replicas { get; set; }

    /// <summary>Stopping or cancelled, where a user asked for it; else unspecified.</summary>
    public RunPhase Wish { get; set; }

    /// <summary>A checkpoint was asked for and is not told as saved yet.</summary>
    public bool WantsCheckpoint { get; set; }

    /// <summary>How it ends, once that is decided; unspecified: it goes on.</summary>
    public RunPhase EndPhase { get; set; }

    public string EndReason { get; set; } = "";

    /// <summary>In steps that count.</summary>
    public double UsefulSeconds { get; set; }

    /// <summary>Since its first generation was announced, when it was last shown.</summary>
    public double WallSeconds { get; set; }

    /// <summary>When its last step that counts was recorded, UTC; null: none was.</summary>
    public DateTime? Counted { get; set; }

    /// <summary>The number of its last incident; 0: none.</summary>
    public long Incidents { get; set; }

    /// <summary>How often it was saved.</summary>
    public long Saves { get; set; }

    /// <summary>UTC.</summary>
    public DateTime Submitted { get; set; }

    /// <summary>UTC.</summary>
    public DateTime? Started { get; set; }

    /// <summary>UTC.</summary>
    public DateTime? Ended { get; set; }

    /// <summary>When a user had it forgotten, UTC: the row stays, so that no other run gets its name. Null: none did.</summary>
    public DateTime? Deleted { get; set; }
}

/// <summary>A row of the table generations.</summary>
internal sealed class GenerationRow
{
    public required string RunId { get; set; }

    /// <summary>From 1 within the run.</summary>
    public required long Number { get; set; }

    /// <summary>UTC.</summary>
    public required DateTime Announced { get; set; }

    /// <summary>The applied step that it started from.</summary>
    public required long StartStep { get; set; }

    /// <summary>Of the coordinator that announced it.</summary>
    public required long Term { get; set; }

    /// <summary>The replica of every rank, a line each.</summary>
    public required string Members { get; set; }

    /// <summary>The rows of every rank, a line each.</summary>
    public required string Shares { get; set; }
}

/// <summary>A row of the table shares: how a generation cuts the batch from a step on, where that is not as it began.</summary>
internal sealed class ShareRow
{
    public required string RunId { get; set; }

    public required long Generation { get; set; }

    public required long FirstStep { get; set; }

    /// <summary>The rows of every rank, a line each.</summary>
    public required string Shares { get; set; }
}

/// <summary>A row of the table replicas: written before the process is started.</summary>
internal sealed class ReplicaRow
{
    public required string RunId { get; set; }

    public required string ReplicaId { get; set; }

    public required string Host { get; set; }

    public required DeviceKind Kind { get; set; }

    /// <summary>Of the device within its kind.</summary>
    public required int DeviceIndex { get; set; }

    /// <summary>It fills its state itself.</summary>
    public required bool Restores { get; set; }

    /// <summary>UTC.</summary>
    public required DateTime Launched { get; set; }

    /// <summary>Of what it shows with its calls, SHA-256; empty: a former version of this program has started it.</summary>
    public byte[] SecretHash { get; set; } = [];

    /// <summary>Since when the run has nothing to do with it any more, UTC; null: it is one of its replicas.</summary>
    public DateTime? Released { get; set; }

    /// <summary>Why it was lost; empty: it was not.</summary>
    public string Evidence { get; set; } = "";

    /// <summary>What its host has brought to its end with it, a failure of that host; empty: nothing, or it counts no longer.</summary>
    public string Cause { get; set; } = "";
}

/// <summary>A row of the table incidents: something that cost a run time or a replica.</summary>
internal sealed class IncidentRow
{
    public required string RunId { get; set; }

    /// <summary>From 1 within the run.</summary>
    public required long Number { get; set; }

    /// <summary>When it was found, UTC.</summary>
    public required DateTime Opened { get; set; }

    /// <summary>UTC; null: its cost is not known yet.</summary>
    public DateTime? Closed { get; set; }

    public required IncidentKind Kind { get; set; }

    /// <summary>That computed when it was found.</summary>
    public required long Generation { get; set; }

    /// <summary>Who was lost, left or joined, a line each.</summary>
    public string Replicas { get; set; } = "";

    /// <summary>Where they run, a line each.</summary>
    public string Hosts { get; set; } = "";

    /// <summary>What was seen, for people.</summary>
    public string Evidence { get; set; } = "";

    /// <summary>What was done; empty: nothing yet.</summary>
    public string Action { get; set; } = "";

    /// <summary>From when on time counts as lost, UTC.</summary>
    public required DateTime Since { get; set; }

    /// <summary>The run's, when it was found.</summary>
    public required double UsefulSeconds { get; set; }

    /// <summary>The last step that was begun before.</summary>
    public long BegunStep { get; set; }

    /// <summary>The step that the run goes on after; null: not known yet.</summary>
    public long? AfterStep { get; set; }

    /// <summary>Null until it is closed.</summary>
    public double? SecondsLost { get; set; }

    public long StepsRedone { get; set; }

    public long SamplesRepeated { get; set; }
}

/// <summary>A row of the table records.</summary>
internal sealed class RecordRow
{
    public required string RunId { get; set; }

    /// <summary>From 1 within the run.</summary>
    public required long Sequence { get; set; }

    /// <summary>UTC.</summary>
    public required DateTime Time { get; set; }

    /// <summary>A google.protobuf.Struct.</summary>
    public required byte[] Record { get; set; }

    /// <summary>Who said it; empty: the coordinator.</summary>
    public string ReplicaId { get; set; } = "";

    /// <summary>Of the one who said it.</summary>
    public long Generation { get; set; }

    /// <summary>Counts the records of that replica and generation from 1.</summary>
    public long Number { get; set; }
}
