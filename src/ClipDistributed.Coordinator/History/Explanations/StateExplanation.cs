using ClipDistributed.Contracts.Control.V1;
using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Contracts.Runs;
using ClipDistributed.Coordinator.ActiveRuns;

namespace ClipDistributed.Coordinator.History.Explanations;

/// <summary>Why a run is in its state.</summary>
internal static class StateExplanation
{
    public static IEnumerable<Explanation> Of(RunFindings found)
    {
        IEnumerable<Explanation> ofHosts = [.. HostExplanation.OfSilent(found), .. HostExplanation.OfClosed(found)];
        return found.Run.State.HasEnded() ? OfState(found)
            : ofHosts.Concat(OfState(found).Where(state => state.Kind != ExplanationKind.Well || found.Silent.Count == 0));
    }

    private static IEnumerable<Explanation> OfState(RunFindings found)
    {
        var (run, need) = (found.Run, found.Need);
        return run.State switch
        {
            RunState.Pending => [.. PreemptionExplanation.OfVictims(found), .. DeviceExplanation.OfWaiting(found)],
            RunState.Preempted =>
                [PreemptionExplanation.Of(run), .. PreemptionExplanation.OfVictims(found), .. DeviceExplanation.OfWaiting(found)],
            RunState.Pausing when run.PreemptedBy != "" => [PreemptionExplanation.Of(run)],
            RunState.Starting or RunState.Recovering or RunState.Waiting => [Awaiting(found), .. DeviceExplanation.OfMissing(found)],
            RunState.Pausing => [With(ExplanationKind.Paused, $"It is being paused{Because(run)}.", run)],
            RunState.Paused => [With(ExplanationKind.Paused, $"It is paused{Because(run)}.", run)],
            RunState.Stopping => [With(ExplanationKind.Ending, $"A stop was requested{Because(run)}.", run)],
            _ when run.State.HasEnded() =>
                [With(ExplanationKind.Ended, $"It {RunStateText.Clause(run.State)}{Because(run)}.", run)],
            RunState.Running when need is not null && RunExplanation.MayGrow(found) =>
                [Fewer(run, need.Max), .. DeviceExplanation.OfMissing(found)],
            _ => [With(ExplanationKind.Well, $"It is {RunStateText.Lower(run.State)}{Because(run)}.", run)],
        };
    }

    private static Explanation Awaiting(RunFindings found)
    {
        var run = found.Run;
        string text = (run.State, run.Reason) switch
        {
            (_, not "") => $"It waits for replicas: {run.Reason}.",
            (RunState.Starting, _) => "Its replicas are being started; they load the model and the data.",
            _ => "It waits for the replicas of its next generation.",
        };
        var awaiting = With(ExplanationKind.ReplicasAwaited, text, run);
        if (found.Need is { } need)
            awaiting.Needed = need.Min;
        return awaiting;
    }

    private static Explanation Fewer(Run run, int max) => new()
    {
        Kind = ExplanationKind.ReplicasMissing,
        Text = $"It computes with {Counted.Plain(run.Replicas.Count, "replica")} and may have up to {max}.",
        Available = run.Replicas.Count,
    };

    private static Explanation With(ExplanationKind kind, string text, Run run) =>
        new() { Kind = kind, Text = text, Evidence = run.Reason };

    private static string Because(Run run) => run.Reason == "" ? "" : $": {run.Reason}";
}
