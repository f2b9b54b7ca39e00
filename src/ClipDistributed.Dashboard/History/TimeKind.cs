namespace ClipDistributed.Dashboard.History;

/// <summary>What the time of a run went into, in the order in which it is drawn.</summary>
public enum TimeKind
{
    /// <summary>Steps that count, without their waiting for data.</summary>
    Useful,
    Data,
    Evaluating,
    Saving,
    Recovering,

    /// <summary>None of these: it was being started, waited for devices, or was paused.</summary>
    Idle,
}
