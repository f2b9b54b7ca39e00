using ClipDistributed.Contracts.Run.V1;

namespace ClipDistributed.Coordinator.Store.Rows;

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

    /// <summary>The replicas that were lost, left or joined, a line each.</summary>
    public string Replicas { get; set; } = "";

    /// <summary>Their hosts, a line each.</summary>
    public string Hosts { get; set; } = "";

    /// <summary>The evidence, human-readable.</summary>
    public string Evidence { get; set; } = "";

    /// <summary>The action; empty: none yet.</summary>
    public string Action { get; set; } = "";

    /// <summary>From when on time counts as lost, UTC.</summary>
    public required DateTime Since { get; set; }

    /// <summary>Of the run, when it was found.</summary>
    public required double UsefulSeconds { get; set; }

    /// <summary>The last step that was begun before.</summary>
    public long BegunStep { get; set; }

    /// <summary>The step that the run goes on after; null: not known yet.</summary>
    public long? AfterStep { get; set; }

    /// <summary>Null until it is closed.</summary>
    public double? SecondsLost { get; set; }

    public long StepsRecomputed { get; set; }

    public long SamplesRepeated { get; set; }
}
