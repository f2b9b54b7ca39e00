using ClipDistributed.Contracts.Host.V1;
using ClipDistributed.Contracts.Run.V1;

namespace ClipDistributed.Coordinator.Store.Rows;

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

    public RunState State { get; set; }

    public string Reason { get; set; } = "";

    public long Generation { get; set; }

    public long Step { get; set; }

    public long Steps { get; set; }

    public double? Loss { get; set; }

    /// <summary>The attempt that its last records belong to; 0: none yet.</summary>
    public long Attempt { get; set; }

    /// <summary>The last step of that attempt whose record is stored.</summary>
    public long RecordedStep { get; set; }

    /// <summary>Kind of the devices that were assigned to it; unspecified: none yet.</summary>
    public DeviceKind Kind { get; set; }

    /// <summary>Replicas that were started over the whole run.</summary>
    public int Launched { get; set; }

    /// <summary>Of the newest generation, when it began.</summary>
    public int Replicas { get; set; }

    /// <summary>Stopping or cancelled, where a user requested it; else unspecified.</summary>
    public RunState StopRequest { get; set; }

    /// <summary>It computes only with so many; 0: as its job's spec says.</summary>
    public int MinReplicas { get; set; }

    /// <summary>It does not use more; 0: as its job's spec says.</summary>
    public int MaxReplicas { get; set; }

    /// <summary>Pausing where a user requested it, paused once that is saved or needs no saving; unspecified: it goes on.</summary>
    public RunState PauseRequest { get; set; }

    /// <summary>When it was paused, UTC, until its next generation begins; null: it is not.</summary>
    public DateTime? PausedSince { get; set; }

    /// <summary>In which it was paused before, since it began.</summary>
    public double PausedSeconds { get; set; }

    /// <summary>The run that its devices were taken for, until it computes again; empty: none.</summary>
    public string PreemptedBy { get; set; } = "";

    /// <summary>How often they were taken for another run.</summary>
    public int Preemptions { get; set; }

    /// <summary>When it computed again after the last time, UTC; null: it has not, or they were never taken.</summary>
    public DateTime? Returned { get; set; }

    /// <summary>The attempt whose checkpoint it is to be rolled back to; 0: it is not.</summary>
    public int RollBackAttempt { get; set; }

    /// <summary>The step of that checkpoint.</summary>
    public long RollBackStep { get; set; }

    /// <summary>It is not to stay paused after that.</summary>
    public bool RollBackResumes { get; set; }

    /// <summary>A checkpoint was requested, and none is reported as saved yet.</summary>
    public bool CheckpointRequested { get; set; }

    /// <summary>How it ends, once that is decided; unspecified: it goes on.</summary>
    public RunState EndState { get; set; }

    public string EndReason { get; set; } = "";

    /// <summary>In new steps.</summary>
    public double UsefulSeconds { get; set; }

    /// <summary>Since its first generation was announced, less those in which it was paused, when it was last published.</summary>
    public double WallSeconds { get; set; }

    /// <summary>When its last new step was recorded, or it went on after a pause, UTC; null: neither.</summary>
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

    /// <summary>When a user deleted it, UTC: the row stays, so that no other run gets its name. Null: it is not deleted.</summary>
    public DateTime? Deleted { get; set; }
}
