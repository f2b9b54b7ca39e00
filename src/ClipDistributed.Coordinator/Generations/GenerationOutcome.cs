using ClipDistributed.Contracts.Processes;
using ClipDistributed.Contracts.Replica.V1;
using ClipDistributed.Contracts.Run.V1;

namespace ClipDistributed.Coordinator.Generations;

/// <summary>
/// What has become of a generation, told from what its members said and what was seen of them. A failed collective is
/// a consequence of a lost member, and may be heard of before the loss itself: then it is waited for a while.
/// </summary>
internal abstract record GenerationOutcome
{
    /// <summary>All is well.</summary>
    internal sealed record GoesOn : GenerationOutcome;

    /// <summary>It cannot go on; the cause may still arrive.</summary>
    internal sealed record Broken(TimeSpan WaitUntil) : GenerationOutcome;

    /// <param name="Phase">Where that leaves the run.</param>
    internal sealed record Over(RunPhase Phase, string Reason) : GenerationOutcome;

    /// <param name="now">Since the loop's start, as all moments of members.</param>
    /// <param name="patience">How long a cause may take to arrive after its consequences.</param>
    public static GenerationOutcome Judge(IReadOnlyList<Member> members, TimeSpan now, TimeSpan patience)
    {
        if (members.FirstOrDefault(member => member.Failure is { Kind: not FailureKind.Collective }) is { } refused)
            return new Over(RunPhase.Failed, $"host {refused.Device.Host} (replica {refused.ReplicaId}): {string.Join(" | ", refused.Failure!.Errors)}");

        var lost = members.Where(member => member is { LostSince: not null, Ended: null, Failure: null }).OrderBy(member => member.LostSince).ToList();
        if (lost.FirstOrDefault(member => IsCertain(member, now, patience)) is { } dead)
        {
            // It refused its input before it had a link to say so; trying again gives the same.
            if (dead.Exit is { Code: ExitCodes.BadInput, Words: not "" } refusal)
                return new Over(RunPhase.Failed, $"host {dead.Device.Host} (replica {dead.ReplicaId}): {refusal.Words}");
            return new Over(RunPhase.Failed, $"{dead.Described} {Seen(dead)} {At(dead)}{(dead.Exit is { Words: not "" } exit ? $": {exit.Words.TrimEnd('.')}" : "")}; clipd submit --resume goes on from the newest checkpoint");
        }
        if (lost.Count > 0)
            return new Broken(lost[0].LostSince!.Value + patience);

        if (members.Where(member => member.Failure is not null).MinBy(member => member.FailedAt) is { } cut)
        {
            return now - cut.FailedAt < patience
                ? new Broken(cut.FailedAt + patience)
                : new Over(RunPhase.Failed, $"the replicas lost touch though none of them died; {cut.Described}: {string.Join(" | ", cut.Failure!.Errors)}; check the network between the hosts; clipd submit --resume goes on from the newest checkpoint");
        }
        if (members.Any(member => member.Ended is null))
            return new GoesOn();
        return members.All(member => member.Ended!.Finished)
            ? new Over(RunPhase.Succeeded, "")
            : new Over(RunPhase.Stopped, $"stopped after step {members.Max(member => member.Ended!.AppliedStep)}, saved; clipd submit --resume goes on");
    }

    // An exit is told by the host, on another call than what the replica said before it: first hear that out.
    private static bool IsCertain(Member member, TimeSpan now, TimeSpan patience) =>
        (member.Exit is not null && !member.IsLinked) || now - member.LostSince!.Value >= patience;

    private static string Seen(Member member) => member switch
    {
        { Exit: { } exit } => exit.How,
        { LinkBroken: true, HostAway: true } => "was lost together with its host",
        { LinkBroken: true } => "lost its connection",
        _ => "cannot be started: its host was lost",
    };

    private static string At(Member member) => member.Link is null ? "before it was ready" : $"at step {member.Step}";
}
