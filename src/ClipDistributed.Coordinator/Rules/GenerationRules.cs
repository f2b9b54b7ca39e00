using ClipDistributed.Contracts.Replica.V1;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Coordinator.Generations;
using ClipDistributed.Coordinator.ActiveRuns;
using static ClipDistributed.Coordinator.ActiveRuns.RunAction;
using Generation = ClipDistributed.Coordinator.Generations.Generation;

namespace ClipDistributed.Coordinator.Rules;

/// <summary>Supplies a generation with steps and commands until it is broken, regroups, or has come to the run's end.</summary>
internal static class GenerationRules
{
    public static IEnumerable<RunAction> Next(RunSituation at)
    {
        if (at.Run.Generation is not { } generation)
            return [];
        if (at.Census is { Lost: 0, Reported: 0 } && generation.Stuck is null)
            return Supply(at, generation).Append(at.Poll);
        return GenerationOutcome.Judge(generation) switch
        {
            GenerationOutcome.Over { State: RunState.Stopped } when at.Run.Stop is null && generation.Commands.Contains(CommandKind.Stop) =>
                PauseRules.OnSaved(at.Run, generation),
            GenerationOutcome.Over over => End(at.Run, generation, over),
            GenerationOutcome.Settled settled => Settle(generation, settled.Reason),
            GenerationOutcome.Broken => Leave(at, generation),
            _ => Supply(at, generation).Append(at.Poll),
        };
    }

    /// <summary>Its members are to abort the group at once: some of them may be blocked in it.</summary>
    public static IEnumerable<RunAction> Break(Generation generation, bool isIncident) =>
        generation.BrokenAt is null ? Announcements(generation).Prepend(new BreakGeneration(isIncident)) : [];

    private static IEnumerable<RunAction> Announcements(Generation generation)
    {
        string reason = GenerationOutcome.Cause(generation);
        return generation.Members.Where(member => member is { IsLinked: true, Seat.IsEndAnnounced: false })
            .Select(member => new AnnounceGenerationEnd(member, reason));
    }

    private static IEnumerable<RunAction> End(ActiveRun run, Generation generation, GenerationOutcome.Over over)
    {
        if (run.Incidents.IsUndecided)
            yield return new ExplainIncident(GenerationOutcome.Losses(generation.Members));
        // The last message of a lost member may be of an earlier step.
        long step = generation.Members[0].Seat.Ended?.AppliedStep ?? 0;
        string cause = over.State == RunState.Stopped && run.Stop is StopRequest.Stop { Cause: { } given } ? $": {given}" : "";
        foreach (var action in EndingRules.Begin(run, over.State, over.Reason + cause, step))
            yield return action;
    }

    /// <param name="next">Why the next one begins where nothing went wrong.</param>
    public static IEnumerable<RunAction> Settle(Generation generation, string reason, string next = "") =>
        Break(generation, isIncident: false).Append(new SettleGeneration(reason, next));

    /// <summary>Members that computed when it broke leave after their micro-batch; those that waited for others leave at once.</summary>
    private static IEnumerable<RunAction> Leave(RunSituation at, Generation generation)
    {
        foreach (var action in generation.BrokenAt is null ? Break(generation, isIncident: true) : Announcements(generation))
            yield return action;
        var brokenAt = generation.BrokenAt ?? at.Now;
        // Members that a former coordinator led have until then to reconnect.
        var announcedAt = at.Run.Takeover.Until > brokenAt ? at.Run.Takeover.Until : brokenAt;
        var late = FailureDetector.FindLate(generation, at.Now, announcedAt, at.Options.GenerationEndTimeout);
        foreach (var member in late)
        {
            yield return new Lose(member, $"did not leave its generation within {(at.Now - announcedAt).TotalSeconds:0} s");
            yield return new Kill(member);
        }
        if (late.Count == 0)
        {
            foreach (var action in RunPolicy.SetState(at.Run, RunState.Recovering, GenerationOutcome.Losses(generation.Members)))
                yield return action;
        }
        if (at.Now < announcedAt + at.Options.GenerationEndTimeout)
            yield return new WakeAt(announcedAt + at.Options.GenerationEndTimeout);
        yield return at.Poll;
    }

    private static IEnumerable<RunAction> Supply(RunSituation at, Generation generation)
    {
        var run = at.Run;
        long applied = generation.Applied;
        // Commands that a former coordinator sent are known when all members have reconnected.
        if (!run.Takeover.IsWaiting)
        {
            bool isAnyOrdered = false;
            foreach (var action in Commands(at, generation, applied))
            {
                yield return action;
                isAnyOrdered = true;
            }
            if (isAnyOrdered)
                yield break; // what follows depends on what was ordered
            if (run.Shares.IsDue(applied))
            {
                yield return new ReviewShares(applied, !run.IsToSave ? run.Shares.Review(generation, run.Steps) : null);
                yield break; // the steps that are assigned next are cut accordingly
            }
        }
        foreach (var (member, command) in generation.DueCommands())
            yield return new SendCommand(member, command);
        foreach (var (member, assignment) in generation.DueAssignments(applied))
            yield return new Assign(member, assignment);
    }

    private static IEnumerable<RunAction> Commands(RunSituation at, Generation generation, long applied)
    {
        var run = at.Run;
        if (run.IsToSave && !generation.Commands.Contains(CommandKind.Stop))
            yield return new OrderCommand(CommandKind.Stop);
        if (run.Checkpoint == CheckpointRequest.Requested)
            yield return new OrderCommand(CommandKind.Checkpoint);
        bool mayRegroup = !generation.IsRegrouping && !run.IsToSave && applied > generation.StartStep;
        if (mayRegroup && RegroupRules.IsDue(at, generation))
            yield return new OrderCommand(CommandKind.Regroup);
    }
}
