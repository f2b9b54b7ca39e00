using ClipDistributed.Contracts.Replica.V1;

namespace ClipDistributed.Coordinator.Members;

/// <summary>How a generation ended for one of its members, as the replica reported it.</summary>
internal abstract record SeatOutcome
{
    /// <summary>The replica left the training loop cleanly.</summary>
    internal sealed record Left(Ended Ended) : SeatOutcome;

    /// <summary>The generation cannot go on there.</summary>
    internal sealed record Failed(Failure Failure) : SeatOutcome;
}
