using ClipDistributed.Contracts.Errors;
using ClipDistributed.Coordinator.Members;
using ClipDistributed.Contracts.Replica.V1;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Contracts.Runs;
using ClipDistributed.Coordinator.Assignments;
using ClipDistributed.Coordinator.Generations;
using ClipDistributed.Coordinator.Hosts;
using ClipDistributed.Coordinator.Replicas;
using ClipDistributed.Coordinator.Store;
using Generation = ClipDistributed.Coordinator.Generations.Generation;
using ReplicaMessage = ClipDistributed.Contracts.Replica.V1.ConnectResponse;

namespace ClipDistributed.Coordinator.Runs;

/// <summary>
/// What goes on while no coordinator leads, or while nothing is heard: a run that a former coordinator led is taken over as
/// it is, replicas come back on new links, and this process's own standing still is held against nobody.
/// </summary>
internal sealed partial class RunLoop
{
    private TimeSpan adoptUntil; // hosts and replicas of a former coordinator are given time until then
    private bool isAdopting;

    /// <summary>Takes over what the store says: the same replicas on the same devices, in the same generation.</summary>
    private void Adopt(RunHistory history)
    {
        adoptUntil = around.Options.ReconnectGrace;
        isAdopting = history.Replicas.Count > 0;
        ending = Row.EndPhase == RunPhase.Unspecified ? null : new GenerationOutcome.Over(Row.EndPhase, Row.EndReason);
        foreach (var row in history.Replicas)
        {
            var member = new Replica(row.ReplicaId, new DeviceId(row.Host, row.Kind, row.DeviceIndex), row.Restores, TimeSpan.Zero);
            member.AwaitReturn(adoptUntil);
            Register(member, row);
        }
        if (history.Generation is not { } last)
            return;
        var members = last.Members.Split('\n').Select(Find).OfType<Replica>().ToList();
        var shares = ReadShares(last.Shares);
        if (members.Count < shares.Rows.Count)
            return; // one of them was let go: the generation was over
        for (int rank = 0; rank < members.Count; rank++)
            members[rank].Continue(rank, Row.Step, history.Recorded.GetValueOrDefault(members[rank].ReplicaId));
        generation = new Generation(last.Number, members, last.StartStep, new AssignmentPlan(work.Order, last.Number, shares, Row.Steps, around.Options.AssignmentHorizon), adoptUntil);
        foreach (var change in history.Reshared)
            generation.Reshare(change.FirstStep, ReadShares(change.Shares));
        // Who is in the middle of finding the others has lost what they left for each other, and says so.
        around.Rendezvous.Open(Row.RunId, last.Number);
    }

    /// <summary>Until all replicas are back, or their time is over, nothing is started and nothing is formed.</summary>
    private async Task AwaitReplicasAsync()
    {
        int back = replicas.Count(member => member is { IsAwaited: false, IsLive: true });
        if (Now < adoptUntil && replicas.Any(member => member is { IsAwaited: true, IsLive: true }))
        {
            if (generation?.BrokenAt is null) // else it is told who was lost
                await SetPhaseAsync(Row.Phase, $"the coordinator was restarted; {back} of {Counted.Plain(replicas.Count, "replica")} {(back == 1 ? "has" : "have")} come back");
            return;
        }
        isAdopting = false;
        adoptUntil = Now < adoptUntil ? Now : adoptUntil;
        Row.Step = Math.Max(Row.Step, generation?.Applied ?? 0);
        string change = journal.LeftOff is { } ago ? $"The store was away, and the coordinator leads again {ago.TotalSeconds:0.0} s after it had to leave off"
            : journal.Unled is { } unled ? $"Another coordinator took over, {unled.TotalSeconds:0.0} s after the last one's last sign of life" : "The coordinator was restarted";
        string text = $"{change} (term {journal.Term}): {back} of {Counted.Plain(replicas.Count, "replica")} came back within {Now.TotalSeconds:0.0} s{(generation is null ? "" : $", generation {generation.Number} goes on")}.";
        journal.Add(RunRecords.ToStruct(new RunNotice(Row.Step, text)));
        NoteAdopted(change, back);
        LogAdopted(Row.RunId, journal.Term, back, replicas.Count, Now.TotalSeconds);
        recorded = changed = true;
        await SetPhaseAsync(generation is null ? Row.Phase : PhaseOfGeneration, "");
    }

    /// <summary>A replica says hello: for the first time, or because its link broke, or because this coordinator is new.</summary>
    private void Greet(Replica member, ReplicaLink link, Hello hello)
    {
        if (member.Evidence is { } lost)
        {
            link.Send(new ReplicaMessage { Leave = new Leave { Reason = $"it was given up: {lost}" } });
            return;
        }
        if (member.Link is not null || member.IsAwaited)
            LogReturned(member.ReplicaId, member.Device.Host, hello.Generation, hello.AppliedStep);
        member.OnHello(link, hello, Now);
        stillborn = 0;
        changed = recorded = true; // what it says again and is kept already, it is told of after the next save
        if (ending is { } over)
            link.Send(new ReplicaMessage { Leave = new Leave { Reason = over.Reason } });
        if (generation is not { } current || !current.Has(member))
            return;
        if (hello.Generation == current.Number)
            current.Learn(hello.Commands);
        else if (!member.HasReported)
            member.OnFailure(new Failure { Generation = current.Number, Kind = FailureKind.Collective, AppliedStep = hello.AppliedStep, Errors = { $"{member.Described} had not heard of generation {current.Number} when its link broke" } });
    }

    /// <param name="due">When this loop should have come here.</param>
    /// <returns>How long this coordinator stood still; null: it did not.</returns>
    private TimeSpan? Renew(TimeSpan due)
    {
        if (Stall.Find(due, Now, around.Options.ReplicaLease) is not { } still)
            return null;
        LogStall(Row.RunId, still.TotalSeconds);
        foreach (var member in replicas)
            member.RenewLease(Now);
        generation?.Renew(Now);
        adoptUntil += still;
        waitsSince += still;
        return still;
    }
}
