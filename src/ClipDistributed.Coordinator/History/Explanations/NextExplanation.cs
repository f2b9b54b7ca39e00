using System.Globalization;
using ClipDistributed.Contracts.Control.V1;
using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Coordinator.Generations;

namespace ClipDistributed.Coordinator.History.Explanations;

/// <summary>What happens next, and what a user can do.</summary>
internal static class NextExplanation
{
    private const string Resume = "clipd submit SPEC --resume goes on from the newest checkpoint.";

    public static Explanation Of(RunFindings found) => new() { Kind = ExplanationKind.Next, Text = Text(found) };

    /// <summary>What a user can do about replicas that do not come.</summary>
    private static string Fewer(RunFindings found) => found.Need is { Min: > 1 }
        ? $" clipd worker adds a host; clipd run scale {found.Run.RunId} --min 1 lets it go on with fewer."
        : " clipd worker adds a host.";

    private static string Text(RunFindings found)
    {
        var run = found.Run;
        string min = found.Need is { } need ? Counted.Plain(need.Min, "replica") : "enough replicas";
        if (found.Silent.Count > 0 && run.State is RunState.Running or RunState.Recovering or RunState.Pausing or RunState.Stopping)
            return string.Create(
                CultureInfo.InvariantCulture,
                $"Next: while no step is applied, a replica that sends nothing for {found.Lease.TotalSeconds:0.#} s is given up, after "
                    + $"{FailureDetector.AllSilent.TotalSeconds:0} s where none would be left and no other host is heard; then a "
                    + $"generation begins with {min} or more, or it waits for them.");
        return run.State switch
        {
            RunState.Pending => "Next: it starts by itself as soon as it is first and the devices are free; clipd worker adds a host, "
                + "clipd host list shows all.",
            RunState.Starting => $"Next: it computes as soon as its replicas are ready; it needs {min}.",
            RunState.Recovering => $"Next: a generation begins with {min} or more, from the highest step that one of them has.",
            RunState.Waiting => string.Create(
                CultureInfo.InvariantCulture,
                $"Next: it goes on with {min}; after {found.WaitLimit.TotalMinutes:0} minutes without them it saves and stops."
                    + $"{Fewer(found)}"),
            RunState.Pausing or RunState.Paused when found.RollBack is { } back =>
                $"Next: what its replicas have done is saved and they leave; then the checkpoint of step {back.Step} is "
                    + (back.Resumes
                        ? "read and the run goes on from there, as a new attempt."
                        : "where it stays paused, for a new attempt."),
            RunState.Preempted => "Next: it goes on by itself with the very next sample, as soon as it is first and devices are free; "
                + $"clipd run pause {run.RunId} keeps it paused.",
            RunState.Pausing when run.PreemptedBy != "" =>
                "Next: its replicas finish the step in flight, save, and leave; then it waits for devices, and goes on by itself.",
            RunState.Pausing => "Next: its replicas finish the step in flight, save, and leave; then it is paused, without devices.",
            RunState.Paused => $"Nothing follows by itself; clipd run resume {run.RunId} goes on with the very next sample.",
            RunState.Stopping => "Next: its replicas finish the step in flight, save, and leave; then it is stopped and can be resumed.",
            RunState.Running when RunExplanation.MayGrow(found) =>
                $"Next: each device that becomes free gets a replica, which joins at a step boundary; it goes on to step {run.Steps}.",
            RunState.Running => $"Next: it goes on to step {run.Steps}.",
            RunState.Succeeded => $"Nothing follows: all of its steps are done; its model and report are in {run.RunDirectory}.",
            RunState.Stopped or RunState.Failed or RunState.Cancelled => $"Nothing follows by itself; {Resume}",
            _ => "Next: see clipd run watch.",
        };
    }
}
