using ClipDistributed.Contracts.Errors;
using ClipDistributed.Coordinator.Members;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Contracts.Runs;
using ClipDistributed.Coordinator.Generations;
using ClipDistributed.Coordinator.Incidents;
using ClipDistributed.Coordinator.Store;
using Google.Protobuf.WellKnownTypes;

namespace ClipDistributed.Coordinator.Runs;

/// <summary>What costs the run time or replicas is noted, with what is done about it. Every generation but the first is what was done about an incident.</summary>
internal sealed partial class RunLoop
{
    private readonly IncidentLog incidents;
    private readonly WallClock clock;
    private IReadOnlyList<Replica> formerMembers = []; // of the generation before
    private long begunStep; // the last one that any of them had begun
    private long toldStep; // the last one that was recorded in this generation
    private bool isToRecount; // an attempt has begun from an earlier step: some steps count no longer

    /// <summary>Time is lost from now on; what it was is told as soon as all have said where they stand.</summary>
    private void NoteBreak(Generation broken)
    {
        if (broken.BrokenAt is null)
            incidents.Note(IncidentKind.GroupBroken, "", []);
    }

    /// <param name="reason">What was seen; empty where nothing went wrong.</param>
    private void NoteSettled(Generation over, string reason)
    {
        formerMembers = over.Members;
        begunStep = Math.Max(Row.RecordedStep, Math.Min(Row.Steps, over.Members.Max(member => member.BegunStep)));
        if (reason == "")
            return;
        var lost = over.Members.Where(member => member.Evidence is not null).ToList();
        incidents.Note(LossKind.Of(lost), reason, [.. lost.Select(Who)], begunStep);
    }

    /// <summary>A replica that computed in no generation.</summary>
    private void NoteLost(Replica member)
    {
        if (!member.IsExcused && !incidents.Names(member.ReplicaId))
            incidents.Note(LossKind.Of([member]), $"{member.Described} {member.Evidence}", [Who(member)], action: HasComputed && IsBroken ? "" : "another one is started in its place as soon as a device is free");
    }

    /// <param name="reason">Why it begins, where that is known.</param>
    private void NoteAnnounced(Generation next, string reason)
    {
        toldStep = next.StartStep;
        if (next.Number == 1)
        {
            incidents.Begin();
            return;
        }
        if (!incidents.IsUndecided)
        {
            var (joined, left) = (next.Members.Except(formerMembers).ToList(), formerMembers.Except(next.Members).ToList());
            string ready = joined.Count == 0 ? "" : $"{string.Join(", ", joined.Select(member => member.Described))} {(joined.Count == 1 ? "is" : "are")} ready";
            incidents.Note(left.Any(member => member.IsOfDrainedHost) ? IncidentKind.HostDrained : IncidentKind.ReplicaJoined,
                string.Join("; ", new[] { reason, ready }.Where(text => text != "")), [.. left.Concat(joined).Select(Who)], begunStep);
        }
        string source = next.Members[0] is { Restores: true } first && !formerMembers.Contains(first) ? ", from the newest checkpoint" : "";
        incidents.Decide($"generation {next.Number} with {Counted.Plain(next.Members.Count, "replica")} after step {next.StartStep}{source}", next.StartStep);
    }

    /// <param name="request">As in <c>drain host b</c>.</param>
    /// <param name="by">Empty: it is not known, or it was no person.</param>
    private void NoteRequest(string request, string by)
    {
        if (by == "")
            return;
        journal.Add(RunRecords.ToStruct(new RequestReceived(Row.Step, request, by)));
        recorded = true;
    }

    private void NoteAbsence(StoreAbsence absence) =>
        NoteBeside(IncidentKind.StoreAway, $"the store could not be written for {absence.Lasted.TotalSeconds:0.0} s ({absence.Reason})", "what was to be kept is kept now");

    private void NoteStall(TimeSpan still) =>
        NoteBeside(IncidentKind.Coordinator, $"the coordinator stood still for {still.TotalSeconds:0.0} s", "all replicas were given their leases anew");

    private void NoteAdopted(string change, int back) =>
        NoteBeside(journal.LeftOff is null ? IncidentKind.Coordinator : IncidentKind.StoreAway, $"{char.ToLowerInvariant(change[0])}{change[1..]}", $"{back} of {Counted.Plain(replicas.Count, "replica")} came back");

    private void NoteClock()
    {
        if (clock.Set() is { } by)
            NoteBeside(IncidentKind.Coordinator, $"the coordinator's clock was set {(by > TimeSpan.Zero ? "ahead" : "back")} by {by.Duration().TotalMinutes:0} minutes", "nothing is timed by it; moments that were written before are off by as much");
    }

    /// <summary>Training may have gone on meanwhile.</summary>
    private void NoteBeside(IncidentKind kind, string evidence, string action)
    {
        if (HasComputed)
            incidents.Note(kind, evidence, [], action: IsBroken ? "" : action);
        recorded = changed = true;
    }

    /// <summary>It computes only when another generation begins.</summary>
    private bool IsBroken => generation is null or { BrokenAt: not null };

    private static (string ReplicaId, string Host) Who(Replica member) => (member.ReplicaId, member.Device.Host);

    /// <summary>
    /// A step was recorded. The weights that this generation began with hold all steps up to its start, the last of which may
    /// be written down once more: one of those again, or one twice in the generation, are rows that entered them twice.
    /// </summary>
    private void CountStep(long step, Struct record)
    {
        if (step < generation!.StartStep || (step <= toldStep && step > generation.StartStep))
            incidents.Repeat(work.Order.GlobalBatch);
        toldStep = Math.Max(toldStep, step);
        if (step > Row.RecordedStep)
            incidents.Count(RecordReading.SecondsOf(record) ?? 0);
    }

    private async Task FollowIncidentsAsync()
    {
        NoteClock();
        if (isToRecount)
        {
            isToRecount = false;
            await SaveAsync();
            Row.UsefulSeconds = await journal.UsefulSecondsAsync(over);
        }
        incidents.Follow(generation?.Members.Max(member => member.Applied) ?? Row.Step, toldStep);
    }
}
