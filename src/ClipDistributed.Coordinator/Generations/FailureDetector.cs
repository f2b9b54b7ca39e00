using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Coordinator.Members;

namespace ClipDistributed.Coordinator.Generations;

/// <summary>
/// Finds the members of a generation that have failed. Timeouts run only while no step is applied: a step that is applied proves all
/// its members alive, even with broken links. A member that waits in a collective operation is never the one that hangs.
/// </summary>
internal static class FailureDetector
{
    private static readonly TimeSpan MaxStep = TimeSpan.FromMinutes(5), MaxSave = TimeSpan.FromHours(1);

    // Where no member would be left that holds the state: killing all costs more than waiting for the network or a disk.
    public static readonly TimeSpan AllSilent = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan AllHung = TimeSpan.FromMinutes(1);

    /// <param name="lease">A process that sends nothing for so long is lost: it sends a heartbeat every second.</param>
    /// <param name="min">How long a member may stay at one place of its step at least, however fast its steps are.</param>
    /// <param name="receivesFromOthers">Whether messages of other hosts than theirs arrive: then the coordinator's own network
    /// works.</param>
    /// <returns>The members that are lost, with the evidence.</returns>
    public static IEnumerable<(Replica Member, string Evidence)> Find(
        Generation generation, TimeSpan now, TimeSpan lease, TimeSpan min, Func<bool> receivesFromOthers)
    {
        var idle = now - generation.AdvancedAt;
        var waitedFor = generation.Members.Where(member => member.IsLive && !member.HasReported);
        // Its link, its host's call and the group broke: nothing is left that could show that it is alive. In a generation that has just
        // begun all three may break at once and come back, as where this coordinator stood still before.
        if (now >= generation.StartedAt + lease && generation.Members.Any(member => member.Seat.Failure is not null))
        {
            var moment = now - lease / 3;
            var vanished = waitedFor
                .Where(member => member is { LinkState: LinkState.Broken broken, IsHostLost: true } && broken.Since <= moment).ToList();
            if (vanished.Count > 0)
                return vanished.Select(member => (member, "was lost together with its host"));
        }
        if (idle < lease)
            return [];
        var silent = waitedFor.Where(member => now - member.LastMessageAt >= lease).ToList();
        if (silent.Count > 0
            && (IsAnyLeft(generation, silent) || receivesFromOthers() || silent.All(member => now - member.LastMessageAt >= AllSilent)))
            return silent.Select(member => (member, EvidenceOfSilence(member, now)));

        var limit = Limit(generation, waitedFor, min);
        // When the generation is broken no member waits for others any more.
        bool canWait = generation.Members.Count > 1 && generation.BrokenAt is null;
        var hung = waitedFor.Where(member => !(member.Waits && canWait) && Idle(member) >= limit).ToList();
        return (IsAnyLeft(generation, hung) ? hung : hung.Where(member => Idle(member) >= AllHung))
            .Select(member => (member, $"hung in phase {member.Phase.ToString().ToLowerInvariant()} for {Idle(member).TotalSeconds:0} s"));

        // A member that waits wakes when the generation breaks, and one that saves has less time from then on; one that computes has
        // made no progress since its micro-batch began.
        TimeSpan Idle(Replica member)
        {
            bool isWoken = member.Waits || member.Phase == StepPhase.Checkpoint;
            return now - (isWoken && generation.BrokenAt is { } brokenAt && brokenAt > member.MovedAt ? brokenAt : member.MovedAt);
        }
    }

    private static string EvidenceOfSilence(Replica member, TimeSpan now)
    {
        string connection = member.LinkState is LinkState.Broken ? "lost its connection and " : "";
        return $"{connection}sent no heartbeat for {(now - member.LastMessageAt).TotalSeconds:0.0} s";
    }

    /// <summary>
    /// A member that waited for others when the generation broke is woken by that, and reports its outcome. One that computes
    /// does so after its micro-batch, within the hang limit.
    /// </summary>
    /// <param name="announcedAt">When all could receive that it is over.</param>
    /// <param name="timeout">How long that may take.</param>
    /// <returns>The members that have not, and are lost.</returns>
    public static IReadOnlyList<Replica> FindLate(Generation generation, TimeSpan now, TimeSpan announcedAt, TimeSpan timeout)
    {
        if (now < announcedAt + timeout)
            return [];
        var late = generation.Members.Where(member => member is { IsLive: true, HasReported: false, IsBlocked: true }).ToList();
        return IsAnyLeft(generation, late) || now >= announcedAt + AllSilent ? late : [];
    }

    private static bool IsAnyLeft(Generation generation, List<Replica> without) =>
        generation.Members.Any(member => member.IsLive && !without.Contains(member));

    /// <summary>
    /// All wait for each other, so that none of them is the one that hangs: packets between them are lost, or one of them never
    /// joined. A member that forms no group after that is found then.
    /// </summary>
    /// <returns>Evidence, human-readable; null: they do not, or not for long.</returns>
    public static string? FindStuck(Generation generation, TimeSpan now, TimeSpan min)
    {
        var waiting = generation.Members;
        if (waiting.Count == 1 || !waiting.All(member => member is { Waits: true, IsLinked: true, IsLive: true, HasReported: false }))
            return null;
        var still = now - waiting.Select(member => member.MovedAt).Append(generation.AdvancedAt).Max();
        if (still < Limit(generation, waiting, min))
            return null;
        long step = waiting.Max(member => member.Step);
        return $"all {waiting.Count} replicas waited for each other for {still.TotalSeconds:0} s at step {step}";
    }

    /// <summary>
    /// Evaluations may take minutes between two batches, and so may the first step, which loads and compiles. A checkpoint that all wait
    /// for reports no progress; when the generation has broken, the others go on without its writer sooner.
    /// </summary>
    private static TimeSpan Limit(Generation generation, IEnumerable<Replica> waitedFor, TimeSpan min)
    {
        if (generation.BrokenAt is null && waitedFor.Any(member => member.Phase == StepPhase.Checkpoint))
            return MaxSave;
        return generation.MedianStep is { } median && waitedFor.All(member => member.Phase < StepPhase.Checkpoint)
            ? TimeSpan.FromTicks(Math.Max(min.Ticks, 5 * median.Ticks))
            : MaxStep;
    }
}
