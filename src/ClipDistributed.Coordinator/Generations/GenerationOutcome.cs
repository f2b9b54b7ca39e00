using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Coordinator.Members;

namespace ClipDistributed.Coordinator.Generations;

/// <summary>
/// The outcome of a generation, judged by its members' reports and states. A failed collective is a consequence of a lost member or of
/// the network, and never the end of the run.
/// </summary>
internal abstract record GenerationOutcome
{
    /// <summary>All is well.</summary>
    internal sealed record GoesOn : GenerationOutcome;

    /// <summary>It cannot go on; its members are to abort the group and report their outcome.</summary>
    internal sealed record Broken : GenerationOutcome;

    /// <summary>All live members have reported their outcome: the next generation can begin.</summary>
    /// <param name="Reason">The evidence, human-readable; empty where nothing went wrong.</param>
    internal sealed record Settled(string Reason) : GenerationOutcome;

    /// <param name="State">That the run ends in.</param>
    internal sealed record Over(RunState State, string Reason) : GenerationOutcome;

    public static GenerationOutcome Judge(Generation generation)
    {
        var members = generation.Members;
        if (members.FirstOrDefault(member => member is { Refuses: true, IsLive: true }) is { } refused)
            return new Over(RunState.Failed, Refusal(refused));

        var lost = members.Where(IsLost).ToList();
        var living = members.Where(member => !IsLost(member));
        if (members[0].Seat.Ended is { } first
            && living.All(member => member.Seat.Ended is not null)
            && (lost.Count == 0 || first.Finished))
        {
            if (first.Finished)
                return new Over(RunState.Succeeded, "");
            return generation.IsRegrouping
                ? new Settled("")
                : new Over(RunState.Stopped, $"stopped after step {first.AppliedStep}, saved; clipd submit SPEC --resume goes on");
        }
        if (lost.Count == 0 && generation.Stuck is null && members.All(member => member.Seat.Failure is null))
            return new GoesOn();
        if (!living.All(member => member.HasReported))
            return new Broken();
        return new Settled(lost.Count > 0
            ? Losses(lost)
            : generation.Stuck ?? $"the collective group failed though none of its replicas died ({Cause(generation)})");
    }

    /// <summary>Why a generation cannot go on, as far as it is known; where several members failed, the first one's error.</summary>
    public static string Cause(Generation generation)
    {
        if (Losses(generation.Members) is var losses and not "")
            return losses;
        var failure = generation.Members.Select(member => member.Seat.Failure).FirstOrDefault(failure => failure is not null);
        return generation.Stuck ?? failure?.Errors.FirstOrDefault() ?? "the next generation begins";
    }

    /// <summary>Rank 0 saves for all: a run has not ended without its report.</summary>
    private static bool IsLost(Replica member) => !member.IsLive && !(member.Seat.Ended is not null && member.Seat.Rank == 0);

    /// <summary>The lost replicas with the evidence, human-readable; empty where none was lost.</summary>
    public static string Losses(IEnumerable<Replica> members) =>
        string.Join("; ", members.Where(member => !member.IsLive).Select(member => $"{member.Described} {member.Evidence}"));

    /// <summary>The errors of a replica that a retry would not fix.</summary>
    public static string Refusal(Replica member) =>
        $"host {member.Device.Host} (replica {member.ReplicaId}): {string.Join(" | ", member.Seat.Failure!.Errors)}";
}
