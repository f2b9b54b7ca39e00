using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Coordinator.Assignments;
using ClipDistributed.Coordinator.Generations;
using ClipDistributed.Coordinator.Hosts;
using ClipDistributed.Coordinator.Incidents;
using ClipDistributed.Coordinator.Members;
using ClipDistributed.Coordinator.PoisonRows;
using ClipDistributed.Coordinator.ActiveRuns;
using ClipDistributed.Coordinator.Settings;
using ClipDistributed.Coordinator.Store.Rows;
using ClipDistributed.Coordinator.Store;
using ClipDistributed.Data.Samples;
using ClipDistributed.Data.Streams;
using RunDirectory = ClipDistributed.Contracts.Runs.RunDirectory;

namespace ClipDistributed.Coordinator.Runs;

/// <summary>
/// The state that a run's loop begins with: of a new run, or of one that a former coordinator led, with the same replicas on the
/// same devices in the same generation.
/// </summary>
internal static class RunStart
{
    /// <param name="history">What a former coordinator has stored of the run.</param>
    public static ActiveRun Restore(RunJournal journal, RunSettings settings, RunServices services, RunHistory history)
    {
        var row = journal.Row;
        var (poisonRows, damage) = LoadPoisonRows(row);
        var incidents = new RunIncidents(new IncidentLog(row, journal.News, history.Incident, services.Time));
        var search = new PoisonRowSearch(row.RunId, settings.Order, poisonRows);
        var run = new ActiveRun(row, settings, search, incidents, journal.News, journal.Records)
        {
            Takeover = TakeOver(journal, services.Options.ReconnectGrace, history),
            Term = journal.Term,
            Damage = damage,
        };
        foreach (var stored in history.Replicas)
        {
            var device = new DeviceId(stored.Host, stored.Kind, stored.DeviceIndex);
            var replica = new Replica(stored.ReplicaId, device, stored.Restores, TimeSpan.Zero);
            replica.AwaitReturn(run.Takeover.Until);
            run.Roster.Add(replica, stored);
        }
        run.Generation = Continue(run, history, services.Options);
        return run;
    }

    private static (HashSet<SampleId> Rows, string? Damage) LoadPoisonRows(RunRow row)
    {
        try
        {
            return (PoisonRowsFile.Load(new RunDirectory(row.RunDirectory)), null);
        }
        catch (BadInputException damaged)
        {
            return ([], damaged.Message);
        }
    }

    private static Takeover TakeOver(RunJournal journal, TimeSpan grace, RunHistory history)
    {
        string cause = journal switch
        {
            { SinceStepDown: { } ago } =>
                $"the store was unavailable, and the coordinator leads again {ago.TotalSeconds:0.0} s after it stepped down",
            { LeaderGap: { } gap } => $"another coordinator took over, {gap.TotalSeconds:0.0} s after the last heartbeat of the one before",
            _ => "the coordinator was restarted",
        };
        var kind = journal.SinceStepDown is null ? IncidentKind.Coordinator : IncidentKind.StoreUnavailable;
        return new Takeover(grace, isWaiting: history.Replicas.Count > 0, cause, kind);
    }

    /// <returns>Null: there was none, or it was over, as one of its members was released.</returns>
    private static Generation? Continue(ActiveRun run, RunHistory history, CoordinatorOptions options)
    {
        if (history.Generation is not { } last || run.Pause == PauseStage.Saved)
            return null;
        var members = last.Members.Split('\n').Select(run.Roster.Find).OfType<Replica>().ToList();
        run.Incidents.TakeOver(members);
        var shares = StoredShares.Read(last.Shares);
        if (members.Count < shares.Rows.Count)
            return null;
        for (int rank = 0; rank < members.Count; rank++)
            members[rank].Continue(rank, run.Step, history.Recorded.GetValueOrDefault(members[rank].ReplicaId));
        var plan = new AssignmentPlan(run.Settings.Order, last.Number, shares, run.Steps, options.AssignmentHorizon);
        var generation = new Generation(last.Number, members, last.StartStep, plan, run.Takeover.Until);
        foreach (var change in history.Reshared)
            generation.Reshare(change.FirstStep, StoredShares.Read(change.Shares));
        return generation;
    }
}
