using ClipDistributed.Contracts.Run.V1;

namespace ClipDistributed.Coordinator.Store;

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

    /// <summary>Counts the coordinators that have owned the run.</summary>
    public long Term { get; set; } = 1;

    public RunPhase Phase { get; set; }

    public string Reason { get; set; } = "";

    public long Generation { get; set; }

    public long Step { get; set; }

    public long Steps { get; set; }

    public double? Loss { get; set; }

    /// <summary>UTC.</summary>
    public DateTime Submitted { get; set; }

    /// <summary>UTC.</summary>
    public DateTime? Started { get; set; }

    /// <summary>UTC.</summary>
    public DateTime? Ended { get; set; }
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

    /// <summary>Replica, host and device of every rank, a line each.</summary>
    public required string Members { get; set; }
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
}
