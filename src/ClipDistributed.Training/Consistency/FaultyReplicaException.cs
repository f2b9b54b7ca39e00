namespace ClipDistributed.Training.Consistency;

/// <summary>A replica of the group computes wrongly. It must leave: the generation is over, and the others go on from their applied
/// step.</summary>
/// <param name="isOwn">It is this replica: its state must not be used.</param>
/// <param name="evidence">Which replica, and what was found, as in <c>in step 7 the gradients of rank 2 are non-finite, …</c>.</param>
public sealed class FaultyReplicaException(bool isOwn, string evidence) : Exception($"a replica computes wrongly: {evidence}")
{
    public bool IsOwn => isOwn;

    public string Evidence => evidence;
}
