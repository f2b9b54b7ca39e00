namespace ClipDistributed.Coordinator.Hosts;

/// <summary>What a waiting run takes from others.</summary>
/// <param name="Victims">The runs that are to save, pause and give their devices back; empty: none.</param>
/// <param name="AskAgainIn">When others may be asked that are spared now; null: time alone changes nothing.</param>
internal sealed record Preemption(IReadOnlyList<string> Victims, TimeSpan? AskAgainIn = null)
{
    public static Preemption None { get; } = new([]);
}
