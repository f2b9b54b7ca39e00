using ClipDistributed.Contracts.Control.V1;
using ClipDistributed.Contracts.Run.V1;

namespace ClipDistributed.Coordinator.History.Explanations;

/// <summary>Which run makes way for which.</summary>
internal static class PreemptionExplanation
{
    /// <summary>Of a run whose devices are taken, or were.</summary>
    public static Explanation Of(Run run)
    {
        string first = $"{run.PreemptedBy} is of higher priority and gets its devices";
        var preempted = new Explanation
        {
            Kind = ExplanationKind.Preempted,
            Text = run.State == RunState.Preempted
                ? $"{first}: it is saved after step {run.Step} and waits for others."
                : $"{first}: it saves after the step in flight, and gives them back.",
            RunId = run.PreemptedBy,
            Evidence = run.Reason,
        };
        if (run.State == RunState.Preempted)
            preempted.Step = run.Step;
        return preempted;
    }

    /// <summary>Of a run that waits for the devices of others.</summary>
    public static IEnumerable<Explanation> OfVictims(RunFindings found) => found.Victims.Select(victim => new Explanation
    {
        Kind = ExplanationKind.Preempting,
        Text = $"{victim} is of lower priority: it saves, pauses, and gives its devices to this run.",
        RunId = victim,
    });
}
