using ClipDistributed.Collectives;
using ClipDistributed.Training.States;
using ClipDistributed.Training.Tensors;
using static TorchSharp.torch;

namespace ClipDistributed.Training.Consistency;

/// <summary>
/// Compares the states of all replicas, which are the same bits unless hardware or memory failed. Costs one pass over the
/// state and a few bytes on the network; only where digests differ are the numbers themselves compared.
/// </summary>
public sealed class StateComparison(ICollective group, TrainState state)
{
    // Of the numbers that are compared at a time: what a differing replica needs beside its state.
    private const long PieceElements = 4 << 20;

    /// <summary>All members call it after the same step. Afterwards all that stay hold the same state.</summary>
    /// <returns>What was resynchronised, human-readable; empty: all states were equal.</returns>
    /// <exception cref="FaultyReplicaException">Some replicas hold another state than the majority; they must leave.</exception>
    /// <exception cref="StateLostException">None of the states can be shown to be right; none is held any more.</exception>
    /// <exception cref="CollectiveException">A member or the network was lost.</exception>
    public string Run()
    {
        if (group.World == 1)
            return "";
        using var mode = no_grad();
        ulong[] digests = group.AllGather(state.Digest(), state.Model.Parameters.Device);
        if (digests.All(digest => digest == digests[0]))
            return "";
        int reference = StateVerdict.Reference(digests);
        var verdict = StateVerdict.Decide(
            state.AppliedStep,
            digests,
            group.AllGather(DifferenceFrom(reference), state.Model.Parameters.Device)
        );
        switch (verdict)
        {
            case StateVerdict.Exclude exclude:
                throw new FaultyReplicaException(exclude.Ranks.Contains(group.Rank), exclude.Reason);
            case StateVerdict.Reload:
                state.AppliedStep = -1;
                throw new StateLostException(verdict.Reason);
        }
        StateTransfer.Send(group, state, reference, state.AppliedStep, isBehind: digests[group.Rank] != digests[reference]);
        return verdict.Reason;
    }

    /// <summary>The largest relative difference of a part of the state: ‖own − reference‖ ÷ ‖reference‖, NaN where one of them is
    /// non-finite.</summary>
    private double DifferenceFrom(int reference)
    {
        double largest = 0;
        foreach (var part in state.Parts)
        {
            double difference = 0, whole = 0;
            for (long start = 0; start < part.numel(); start += PieceElements)
            {
                using var scope = NewDisposeScope();
                var own = part.narrow(0, start, Math.Min(PieceElements, part.numel() - start));
                var other = own.clone();
                group.Broadcast(other, reference);
                difference += (own.to(ScalarType.Float64) - other).square().sum().item<double>();
                whole += other.to(ScalarType.Float64).square().sum().item<double>();
            }
            double relative = difference == 0 ? 0 : Math.Sqrt(difference / whole);
            largest = Math.Max(largest, relative); // NaN stays NaN
        }
        return largest;
    }
}
