using ClipDistributed.Coordinator.Generations;

namespace ClipDistributed.Coordinator.PoisonRows;

/// <summary>
/// Suspects that replicas crash by the rows that they decode: crashes end two generations near the same step. Rows are decoded some steps
/// ahead of the step in flight, therefore near it. Belongs to the run's loop.
/// </summary>
internal sealed class CrashSuspicion
{
    /// <summary>Steps ahead of the one in flight whose rows may have been decoded.</summary>
    public const int Ahead = 8;

    private long? before; // the last applied step of the generation that crashed before

    /// <summary>Evidence of the last members that crashed, human-readable.</summary>
    public string Evidence { get; private set; } = "";

    /// <summary>A generation is over.</summary>
    /// <returns>True: it is the second one that crashed there; counting starts over.</returns>
    public bool Note(Generation over)
    {
        var crashed = over.Members.Where(member => member is { Exit.IsCrash: true, IsEvicted: false }).ToList();
        if (crashed.Count == 0)
        {
            if (over.Applied > before + Ahead)
                before = null;
            return false;
        }
        Evidence = GenerationOutcome.Losses(crashed);
        bool again = before is { } first && Math.Abs(over.Applied - first) <= Ahead;
        before = again ? null : over.Applied;
        return again;
    }
}
