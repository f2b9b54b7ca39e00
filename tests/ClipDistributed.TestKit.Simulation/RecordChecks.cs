using ClipDistributed.Coordinator.Store;
using ClipDistributed.Coordinator.Store.Rows;
using RunState = ClipDistributed.Contracts.Run.V1.RunState;

namespace ClipDistributed.TestKit.Simulation;

/// <summary>What holds for the records and the incidents of a run that has ended.</summary>
internal sealed class RecordChecks(SimulatedCluster cluster, SimulatedRun run)
{
    /// <summary>What was kept of what replicas said: each step of an attempt once, in order, from the generation that was the newest when
    /// it was kept.</summary>
    public void CheckRecords(IReadOnlyList<RecordRow> records)
    {
        (int Attempt, long Step) last = default;
        foreach (var row in records.Where(row => row.ReplicaId != ""))
        {
            var said = StoredRecord.Parse(row.Record);
            cluster.Check(
                said.Host == SimulatedRun.NameOf(row.Generation),
                $"{run.RunId} keeps {said} of {row.ReplicaId}, received in generation {row.Generation}"
            );
            if (said.Started is { } begun)
                last = begun.Attempt == last.Attempt ? last : (begun.Attempt, 0);
            if (said.Step is not { Step: var step })
                continue;
            cluster.Check(step > last.Step, $"{run.RunId} keeps step {step} behind step {last.Step} of attempt {last.Attempt}");
            last.Step = step;
        }
        if (run.Journal.Row.State == RunState.Succeeded)
            cluster.Check(
                Math.Max(last.Step, run.Checkpoints.BeganAt) == run.Steps && run.Line.Accepted.Step == run.Steps,
                $"{run.RunId} succeeded, but its last record is of step {last.Step}, and {run.Line.Accepted} was committed last"
            );
    }

    /// <summary>All that cost time or replicas is an incident, and no second counts twice.</summary>
    /// <param name="recomputed">Steps that all of them may count as recomputed.</param>
    public void CheckIncidents(long recomputed = long.MaxValue)
    {
        var row = run.Journal.Row;
        var incidents = cluster.Incidents(run.RunId);
        cluster.Check(
            incidents.All(incident => incident is { Closed: not null, Action: not "", SecondsLost: >= 0 }),
            $"{run.RunId} has incidents without an end: {string.Join("; ", incidents.Select(Text))}"
        );
        cluster.Check(incidents.All(incident => incident.SamplesRepeated == 0), $"samples were repeated");
        int pauses = run.Pauses + run.RollBacks + row.Preemptions; // the first generation after one is the action on no incident
        cluster.Check(
            incidents.Count >= row.Generation - 1 - pauses,
            $"{incidents.Count} incidents, though generation {row.Generation} was the last"
        );
        cluster.Check(incidents.Sum(incident => incident.StepsRecomputed) <= recomputed, $"steps count as recomputed");
        if (cluster.Coordinators.ClockWasSet)
            return;
        double lost = incidents.Sum(incident => incident.SecondsLost!.Value);
        double late = 0.2 * incidents.Count; // records of steps that were computed before it was closed come up to so much later
        cluster.Check(
            row.UsefulSeconds + lost <= row.WallSeconds + late + 0.001,
            $"{row.UsefulSeconds} s in steps and {lost} s lost of {row.WallSeconds} s"
        );
    }

    private static string Text(IncidentRow one) =>
        $"{one.Number} {one.Kind}, closed {one.Closed:T}, lost {one.SecondsLost}, {one.Evidence}, {one.Action}";
}
