namespace ClipDistributed.TestKit.Simulation;

/// <summary>What a replica holds instead of weights: the tries of steps that led to them, so that two states are the same where the tries
/// are.</summary>
/// <param name="Before">Null: these are the initial weights.</param>
/// <param name="Attempt">That the last try belongs to.</param>
/// <param name="Generation">That the last try was made in; all its members that applied it hold this very state.</param>
internal sealed record SimulatedState(long Step, SimulatedState? Before, int Attempt, long Generation)
{
    public static SimulatedState Initial { get; } = new(0, null, 0, 0);

    /// <summary>It has come from that one, or is that one.</summary>
    public bool Contains(SimulatedState earlier)
    {
        var state = this;
        while (state is not null && state.Step > earlier.Step)
            state = state.Before;
        return ReferenceEquals(state, earlier);
    }

    public override string ToString() => $"step {Step} of attempt {Attempt}, generation {Generation}";
}
