using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Coordinator.Generations;
using ClipDistributed.Coordinator.Incidents;
using ClipDistributed.Coordinator.Members;
using ClipDistributed.Coordinator.Store.Rows;
using ClipDistributed.Coordinator.Store;

namespace ClipDistributed.Coordinator.ActiveRuns;

/// <summary>
/// Records what costs a run time or replicas, and the action that is taken. Every generation is the action on an incident, except for
/// the first of the run and the first after a pause.
/// Belongs to the run's loop.
/// </summary>
internal sealed class RunIncidents(IncidentLog log)
{
    private IReadOnlyList<Replica> formerMembers = []; // of the generation before
    private long begunStep; // the last one that any of them had begun
    private long recordedStep; // the last one that was recorded in this generation

    public double UsefulSeconds
    {
        get => log.UsefulSeconds;
        set => log.UsefulSeconds = value;
    }

    public bool IsUndecided => log.IsUndecided;

    /// <summary>Time is lost from now on; the incident is described as soon as all have reported their outcome.</summary>
    public void OnBroken() => log.Note(IncidentKind.GroupBroken, "", []);

    /// <summary>A former coordinator led the run.</summary>
    /// <param name="members">Of its last generation, those that may be alive.</param>
    public void TakeOver(IReadOnlyList<Replica> members) => formerMembers = members;

    /// <param name="reason">The evidence; empty where nothing went wrong.</param>
    /// <param name="run">Of the run, with that generation.</param>
    public void OnSettled(string reason, ActiveRun run)
    {
        var over = run.Generation!;
        formerMembers = over.Members;
        begunStep = Math.Max(run.RecordedStep, Math.Min(run.Steps, over.Members.Max(member => member.BegunStep)));
        if (reason == "")
            return;
        var lost = over.Members.Where(member => !member.IsLive).ToList();
        log.Note(LossIncidentKind.Of(lost), reason, [.. lost.Select(Named)], begunStep);
    }

    /// <summary>A replica that computed in no generation was lost; one of a run that is paused had to leave anyway.</summary>
    public void OnLost(Replica replica, ActiveRun run)
    {
        if (replica.IsExcused || run.Pause == PauseStage.Saved || log.Names(replica.ReplicaId))
            return;
        string action = run.HasComputed && run.IsBroken ? "" : "another one replaces it as soon as a device is free";
        log.Note(LossIncidentKind.Of([replica]), $"{replica.Described} {replica.Evidence}", [Named(replica)], action: action);
    }

    /// <param name="reason">Why it begins, where that is known.</param>
    /// <param name="isFirst">Of the run, or since it was paused.</param>
    public void OnAnnounced(Generation next, string reason, bool isFirst)
    {
        recordedStep = next.StartStep;
        if (isFirst)
            log.Begin();
        else
            Decide(next, reason);
        log.Generation = next.Number;
    }

    public void OnOutage(StoreOutage outage, ActiveRun run) => OnEvent(
        IncidentKind.StoreUnavailable,
        $"the store could not be written for {outage.Lasted.TotalSeconds:0.0} s ({outage.Reason})",
        "all of it is durable now",
        run);

    /// <summary>This coordinator paused.</summary>
    public void OnPause(TimeSpan paused, ActiveRun run) => OnEvent(
        IncidentKind.Coordinator,
        $"the coordinator paused for {paused.TotalSeconds:0.0} s",
        "the leases of all replicas were renewed",
        run);

    /// <summary>The wall clock was set.</summary>
    public void OnClockSet(TimeSpan by, ActiveRun run) => OnEvent(
        IncidentKind.Coordinator,
        $"the coordinator's clock was set {(by > TimeSpan.Zero ? "ahead" : "back")} by {by.Duration().TotalMinutes:0} minutes",
        "no timeout goes by it; moments that were recorded before are off by as much",
        run);

    /// <summary>Something happened besides the training, which may have gone on meanwhile.</summary>
    /// <param name="action">The action that was taken.</param>
    public void OnEvent(IncidentKind kind, string evidence, string action, ActiveRun run)
    {
        if (run.HasComputed)
            log.Note(kind, evidence, [], action: run.IsBroken ? "" : action);
    }

    /// <param name="rows">As in <c>row 3 of shard 1</c>.</param>
    public void OnPoisonRows(string rows) => log.Note(IncidentKind.ReplicaLost, $"decoding {rows} crashes the process", []);

    /// <summary>
    /// A step was recorded. The weights that this generation began with hold all steps up to its start, the last of which may be recorded
    /// once more: an earlier one, or one twice in the generation, means rows that entered the weights twice.
    /// </summary>
    /// <param name="seconds">It took.</param>
    public void OnStep(long step, double seconds, ActiveRun run)
    {
        long start = run.Generation!.StartStep;
        if (step < start || (step <= recordedStep && step > start))
            log.Repeat(run.Settings.Order.GlobalBatch);
        recordedStep = Math.Max(recordedStep, step);
        if (step > run.RecordedStep)
            log.Count(seconds);
    }

    /// <summary>Closes what the run has recovered from.</summary>
    public void Follow(ActiveRun run)
    {
        if (log.IsOpen)
            log.Follow(run.Generation?.Members.Max(member => member.Applied) ?? run.Step, recordedStep);
    }

    public void OnPaused() => log.Pause();

    public void OnEnd(RunState state) => log.End($"the run ended: {RunStateText.Lower(state)}");

    public void WriteTo(RunRow row) => log.WriteTo(row);

    private void Decide(Generation next, string reason)
    {
        if (!log.IsUndecided)
            NoteChange(next, reason);
        bool isRestored = next.Members[0] is { Restores: true } first && !formerMembers.Contains(first);
        string source = isRestored ? ", from the newest checkpoint" : "";
        string replicas = Counted.Plain(next.Members.Count, "replica");
        log.Decide($"generation {next.Number} with {replicas} after step {next.StartStep}{source}", next.StartStep);
    }

    private void NoteChange(Generation next, string reason)
    {
        var (joined, left) = (next.Members.Except(formerMembers).ToList(), formerMembers.Except(next.Members).ToList());
        string ready = joined.Count == 0 ? "" : $"{Names(joined)} {(joined.Count == 1 ? "is" : "are")} ready";
        bool isDrained = left.Any(member => member.IsOfDrainedHost);
        bool isScaled = !isDrained && left.Count > 0 && next.Members.Count < formerMembers.Count;
        string surplus = isScaled ? $"{Names(left)} {(left.Count == 1 ? "is" : "are")} more than the run is to have" : "";
        log.Note(
            isDrained ? IncidentKind.HostDrained : isScaled ? IncidentKind.RunScaled : IncidentKind.ReplicaJoined,
            string.Join("; ", new[] { reason, ready, surplus }.Where(text => text != "")),
            [.. left.Concat(joined).Select(Named)],
            begunStep);
    }

    private static string Names(IEnumerable<Replica> replicas) => string.Join(", ", replicas.Select(replica => replica.Described));

    private static (string ReplicaId, string Host) Named(Replica replica) => (replica.ReplicaId, replica.Device.Host);
}
