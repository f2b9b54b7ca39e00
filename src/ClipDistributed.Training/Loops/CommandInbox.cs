using ClipDistributed.Contracts.Replica.V1;

namespace ClipDistributed.Training.Loops;

/// <summary>
/// Numbered commands that take effect at a step boundary, the same on all replicas: a step takes the minimum of their highest
/// numbers. May be filled from any thread.
/// </summary>
public sealed class CommandInbox
{
    private readonly Lock gate = new();
    private readonly SortedDictionary<long, CommandKind> waiting = [];
    private long highest;

    /// <summary>0: none yet.</summary>
    public long Highest => Interlocked.Read(ref highest);

    /// <summary>The source of a stop request, where no coordinator records it; empty: unknown, or the coordinator records it.</summary>
    public string StopRequestedBy { get; set; } = "";

    /// <param name="number">Follows the last one.</param>
    public void Add(long number, CommandKind kind)
    {
        lock (gate)
        {
            waiting[number] = kind;
            Interlocked.Exchange(ref highest, number);
        }
    }

    /// <summary>With the next number, where this replica is alone.</summary>
    public void Add(CommandKind kind)
    {
        lock (gate)
            Add(highest + 1, kind);
    }

    /// <summary>Those that are in force now and were not before.</summary>
    /// <param name="agreed">The highest number that every replica held.</param>
    public IReadOnlyList<CommandKind> Take(long agreed)
    {
        lock (gate)
        {
            var due = waiting.Where(command => command.Key <= agreed).ToList();
            foreach (var command in due)
                waiting.Remove(command.Key);
            return [.. due.Select(command => command.Value)];
        }
    }
}
