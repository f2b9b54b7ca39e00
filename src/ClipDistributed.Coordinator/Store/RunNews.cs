using ClipDistributed.Coordinator.Store.Rows;

namespace ClipDistributed.Coordinator.Store;

/// <summary>The changes of a run since it was last saved.</summary>
internal sealed class RunNews
{
    public List<RecordRow> Records { get; } = [];

    public List<GenerationRow> Begun { get; } = [];

    public List<ShareRow> Reshared { get; } = [];

    public List<ReplicaRow> Launched { get; } = [];

    public List<ReplicaRow> Released { get; } = [];

    public List<IncidentRow> Opened { get; } = [];

    /// <summary>Incidents that were saved before.</summary>
    public HashSet<IncidentRow> Changed { get; } = [];

    public void Clear()
    {
        Records.Clear();
        Begun.Clear();
        Reshared.Clear();
        Launched.Clear();
        Released.Clear();
        Opened.Clear();
        Changed.Clear();
    }
}
