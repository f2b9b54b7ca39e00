using ClipDistributed.Coordinator.Store.Rows;

namespace ClipDistributed.Coordinator.Store;

/// <summary>What the store holds of a run that another coordinator has led.</summary>
/// <param name="Replicas">Those that may run.</param>
/// <param name="Generation">The last one; null: none was announced.</param>
/// <param name="Reshared">Its changes of shares, in the order of the steps.</param>
/// <param name="Recorded">By replica: the number of its last record in that generation.</param>
/// <param name="Incident">The one that is not closed; null: there is none.</param>
internal sealed record RunHistory(
    IReadOnlyList<ReplicaRow> Replicas,
    GenerationRow? Generation,
    IReadOnlyList<ShareRow> Reshared,
    IReadOnlyDictionary<string, long> Recorded,
    IncidentRow? Incident
)
{
    /// <summary>Of a new run.</summary>
    public static RunHistory None { get; } = new([], null, [], new Dictionary<string, long>(), null);
}
