using ClipDistributed.Coordinator.Members;
using ClipDistributed.Contracts.Run.V1;

namespace ClipDistributed.Coordinator.Generations;

/// <summary>
/// Finds the member that a generation waits for in vain. Counts only while no step is applied: a step that is applied proves
/// all its members alive, whatever has become of their links. Who waits in a collective operation is never the one that hangs.
/// </summary>
internal static class Silence
{
    private static readonly TimeSpan Generous = TimeSpan.FromMinutes(5), Saving = TimeSpan.FromHours(1);

    // Where nobody would be left who holds the state: killing all costs more than waiting for the network or a disk.
    private static readonly TimeSpan AllSilent = TimeSpan.FromSeconds(30), AllHung = TimeSpan.FromMinutes(1);

    /// <param name="lease">A process that says nothing for so long is lost: it sends a sign of life every second.</param>
    /// <param name="least">How long a member may stay in one place at least, however quick its steps are.</param>
    /// <param name="hearsOthers">Whether other hosts than theirs are heard: then the coordinator's own network works.</param>
    /// <returns>Who is lost, with the evidence.</returns>
    public static IEnumerable<(Replica Replica, string Evidence)> Find(Generation generation, TimeSpan now, TimeSpan lease, TimeSpan least, Func<bool> hearsOthers)
    {
        var still = now - generation.AdvancedAt;
        var waitedFor = generation.Members.Where(member => member.IsLive && !member.HasReported);
        // Its link, its host and its peers' group broke: who could still tell that it lives?
        if (generation.Members.Any(member => member.Seat.Failure is not null))
        {
            var vanished = waitedFor.Where(member => member is { LinkState: LinkState.Broken broken, IsHostLost: true } && now - broken.Since >= lease / 3).ToList();
            if (vanished.Count > 0)
                return vanished.Select(member => (member, "was lost together with its host"));
        }
        if (still < lease)
            return [];
        var silent = waitedFor.Where(member => now - member.HeardAt >= lease).ToList();
        if (silent.Count > 0 && (IsAnybodyLeft(generation, silent) || hearsOthers() || silent.All(member => now - member.HeardAt >= AllSilent)))
            return silent.Select(member => (member, $"{(member.LinkState is LinkState.Broken ? "lost its connection and " : "")}gave no sign of life for {(now - member.HeardAt).TotalSeconds:0.0} s"));

        var limit = Limit(generation, waitedFor, least);
        // Nobody waits for others any more when the generation is broken.
        var hung = waitedFor.Where(member => (!member.Waits || generation.Members.Count == 1 || generation.BrokenAt is not null) && Still(member) >= limit).ToList();
        return (IsAnybodyLeft(generation, hung) ? hung : hung.Where(member => Still(member) >= AllHung))
            .Select(member => (member, $"hung in phase {member.Phase.ToString().ToLowerInvariant()} for {Still(member).TotalSeconds:0} s"));

        // Who waits wakes when the generation breaks, and who saves is given less from then on; who computes has stood still since its micro-batch began.
        TimeSpan Still(Replica member) =>
            now - ((member.Waits || member.Phase == StepPhase.Checkpoint) && generation.BrokenAt > member.MovedAt ? generation.BrokenAt.Value : member.MovedAt);
    }

    /// <summary>
    /// Who waited for others when the generation broke is woken by that, and says where it stands. Whoever computes does so
    /// behind its micro-batch, and is given the time of one that hangs.
    /// </summary>
    /// <param name="toldAt">When all could hear that it is over.</param>
    /// <param name="patience">How long that may take.</param>
    /// <returns>Who has not, and is lost.</returns>
    public static IReadOnlyList<Replica> Late(Generation generation, TimeSpan now, TimeSpan toldAt, TimeSpan patience)
    {
        var late = generation.Members.Where(member => member is { IsLive: true, HasReported: false, IsBlocked: true } && now >= toldAt + patience).ToList();
        return IsAnybodyLeft(generation, late) || now >= toldAt + AllSilent ? late : [];
    }

    private static bool IsAnybodyLeft(Generation generation, List<Replica> without) => generation.Members.Any(member => member.IsLive && !without.Contains(member));

    /// <summary>
    /// All wait for each other, so that none of them is the one that hangs: packets between them get lost, or one of them
    /// never came. Who forms no group after that is found then.
    /// </summary>
    /// <returns>What is seen, for people; null: they do not, or not for long.</returns>
    public static string? Stuck(Generation generation, TimeSpan now, TimeSpan least)
    {
        var waiting = generation.Members;
        if (waiting.Count == 1 || !waiting.All(member => member is { Waits: true, IsLinked: true, IsLive: true, HasReported: false }))
            return null;
        var still = now - waiting.Select(member => member.MovedAt).Append(generation.AdvancedAt).Max();
        return still < Limit(generation, waiting, least) ? null : $"all {waiting.Count} replicas waited for each other for {still.TotalSeconds:0} s at step {waiting.Max(member => member.Step)}";
    }

    /// <summary>
    /// Evaluations take what they take between two pieces, and the first step, which loads and compiles. A checkpoint that is
    /// waited for has no pieces; where others wait for its writer, they go on without it sooner.
    /// </summary>
    private static TimeSpan Limit(Generation generation, IEnumerable<Replica> waitedFor, TimeSpan least) =>
        waitedFor.Any(member => member.Phase == StepPhase.Checkpoint) && generation.BrokenAt is null ? Saving
            : generation.MedianStep is { } median && waitedFor.All(member => member.Phase < StepPhase.Checkpoint) ? TimeSpan.FromTicks(Math.Max(least.Ticks, 5 * median.Ticks))
            : Generous;
}
