using ClipDistributed.Collectives;
using static TorchSharp.torch;

namespace ClipDistributed.Training;

/// <summary>Brings all members of a new generation to one state, over the collective group and without a disk.</summary>
internal static class StateTransfer
{
    /// <summary>Whoever is not at the source's step receives its parameters, moments and step.</summary>
    /// <returns>True: something was sent.</returns>
    /// <exception cref="CollectiveException">A member or the network was lost.</exception>
    public static bool Run(ICollective group, TrainState state, int source)
    {
        using var mode = no_grad();
        long[] applied = group.AllGather(state.AppliedStep, state.Model.Parameters.Device);
        if (applied.All(step => step == applied[source]))
            return false;
        // What breaks off leaves half a state, which is none. Who has the source's step receives the bits that it has.
        if (applied[group.Rank] != applied[source])
            state.AppliedStep = -1;
        group.Broadcast(state.Model.Parameters.Flat, source);
        foreach (var (_, moment) in state.Optimizer.State)
            group.Broadcast(moment, source);
        if (state.Model.Statistics is { } statistics)
        {
            group.Broadcast(statistics.Running, source);
            statistics.Updates = group.AllGather(statistics.Updates, state.Model.Parameters.Device)[source];
        }
        state.AppliedStep = applied[source];
        return true;
    }
}
