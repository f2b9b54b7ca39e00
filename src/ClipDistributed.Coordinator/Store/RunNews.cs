namespace ClipDistributed.Coordinator.Store;

/// <summary>What has become of a run since it was last saved.</summary>
internal sealed class RunNews
{
    public List<RecordRow> Records { get; } = [];

    public List<GenerationRow> Begun { get; } = [];

    public List<ShareRow> Reshared { get; } = [];

    public List<ReplicaRow> Launched { get; } = [];

    public List<ReplicaRow> Released { get; } = [];

    public void Clear()
    {
        Records.Clear();
        Begun.Clear();
        Reshared.Clear();
        Launched.Clear();
        Released.Clear();
    }
}
