using ClipDistributed.Coordinator.Generations;

namespace ClipDistributed.Coordinator.PoisonRows;

/// <summary>
/// Whether replicas crash because of what they read: the same step ends generations by crashes of their members. Samples are
/// decoded some steps ahead of the step in flight, so the same step means near it. Belongs to the run's loop.
/// </summary>
internal sealed class CrashSuspicion
{
    /// <summary>Steps ahead of the one in flight whose samples may have been in work.</summary>
    public const int Ahead = 8;

    private long? before; // the last applied step of the generation that crashed before

    /// <summary>What was seen last of members that crashed, human-readable.</summary>
    public string Evidence { get; private set; } = "";

    /// <summary>A generation is over.</summary>
    /// <returns>True: it is the second one that crashed here; it counts as none from then on.</returns>
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
