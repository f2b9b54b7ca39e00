namespace ClipDistributed.Training.Consistency;

/// <summary>A member of the group computes wrongly. It must leave: the generation is over, and the others go on from their applied
/// step.</summary>
/// <param name="isOwn">It is this replica: its state is of no more use.</param>
/// <param name="evidence">Who, and what was seen, as in <c>in step 7 the gradients of rank 2 are not finite, …</c>.</param>
public sealed class FaultyReplicaException(bool isOwn, string evidence) : Exception($"a replica computes wrongly: {evidence}")
{
    public bool IsOwn => isOwn;

    public string Evidence => evidence;
}
