namespace ClipDistributed.Dashboard.Actions;

/// <summary>What a user can do with a run.</summary>
public enum RunVerb
{
    Pause,
    Resume,
    Checkpoint,
    Scale,
    Stop,
    Cancel,
    Delete,
}
