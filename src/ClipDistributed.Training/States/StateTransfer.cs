using ClipDistributed.Collectives;
using ClipDistributed.Training.Tensors;
using static TorchSharp.torch;

namespace ClipDistributed.Training.States;

/// <summary>Brings all members of a new generation to one state, over the collective group and without a disk.</summary>
internal static class StateTransfer
{
    /// <summary>Replicas at another step than the source receive its parameters, moments and step.</summary>
    /// <returns>True: something was sent.</returns>
    /// <exception cref="CollectiveException">A member or the network was lost.</exception>
    public static bool Run(ICollective group, TrainState state, int source)
    {
        using var mode = no_grad();
        long[] applied = group.AllGather(state.AppliedStep, state.Model.Parameters.Device);
        if (applied.All(step => step == applied[source]))
            return false;
        Send(group, state, source, applied[source], isBehind: applied[group.Rank] != applied[source]);
        return true;
    }

    /// <summary>All members take over the source's state.</summary>
    /// <param name="step">The source's applied step.</param>
    /// <param name="isBehind">This replica's state is another one. A replica that is not behind receives the bits that it has.</param>
    /// <exception cref="CollectiveException">A member or the network was lost.</exception>
    public static void Send(ICollective group, TrainState state, int source, long step, bool isBehind)
    {
        using var mode = no_grad();
        if (isBehind)
            state.AppliedStep = -1; // a broadcast that breaks off leaves half a state, which is none
        foreach (var part in state.Parts)
            group.Broadcast(part, source);
        if (state.Model.Statistics is { } statistics)
            statistics.Updates = group.AllGather(statistics.Updates, state.Model.Parameters.Device)[source];
        state.AppliedStep = step;
    }
}
