namespace ClipDistributed.Training.Loops;

/// <summary>Why a loop was left.</summary>
public enum LoopEnd
{
    /// <summary>All steps are done.</summary>
    Finished,

    /// <summary>The state is saved, as the stop request asked.</summary>
    Stopped,

    /// <summary>The state is in memory; a generation with other members goes on with it.</summary>
    Regroups,
}
