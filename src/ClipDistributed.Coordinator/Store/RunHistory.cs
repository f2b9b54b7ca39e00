using ClipDistributed.Coordinator.Store.Rows;

namespace ClipDistributed.Coordinator.Store;

/// <summary>What a coordinator finds of a run that another one has led.</summary>
/// <param name="Replicas">That may run.</param>
/// <param name="Generation">The last one; null: none was announced.</param>
/// <param name="Reshared">Where that cuts the batch otherwise than it began, in the order of the steps.</param>
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
    /// <summary>Of a run that begins.</summary>
    public static RunHistory None { get; } = new([], null, [], new Dictionary<string, long>(), null);
}
