using ClipDistributed.Contracts.Host.V1;
using ClipDistributed.Contracts.Replica.V1;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Coordinator.Assignments;
using ClipDistributed.Coordinator.Generations;
using ClipDistributed.Coordinator.Store;
using Generation = ClipDistributed.Coordinator.Generations.Generation;
using HostMessage = ClipDistributed.Contracts.Host.V1.ConnectResponse;
using ReplicaMessage = ClipDistributed.Contracts.Replica.V1.ConnectResponse;

namespace ClipDistributed.Coordinator.Runs;

/// <summary>The life of a generation: launched, announced, supplied with steps, ended.</summary>
internal sealed partial class RunLoop
{
    /// <returns>When to ask again though nothing changed; null: never.</returns>
    private async Task<TimeSpan?> WaitForDevicesAsync()
    {
        var decision = around.Pool.Claim(Row.RunId);
        if (decision is GenerationDecision.Start start)
        {
            await LaunchAsync(start);
            return null;
        }
        await SetPhaseAsync(RunPhase.Pending, decision.Reason);
        return Now + (decision as GenerationDecision.Wait)?.AskAgainIn;
    }

    private async Task LaunchAsync(GenerationDecision.Start start)
    {
        var members = start.Devices.Select((device, rank) => new Member($"{Row.RunId}-r{++launched}", device, rank, restores: rank == 0)).ToList();
        generation = new Generation(Row.Generation + 1, members, Now);
        LogLaunch(Row.RunId, generation.Number, members.Count, start.Reason);
        await SetPhaseAsync(RunPhase.Starting, "");
        foreach (var member in members)
        {
            around.Replicas.Add(member.ReplicaId, Row.RunId, member.Device.Host, input => Post(input));
            around.Pool.Occupy(member.Device, Row.RunId, member.ReplicaId);
            bool sent = around.Hosts.Send(member.Device.Host, new HostMessage
            {
                LaunchReplica = new LaunchReplica
                {
                    ReplicaId = member.ReplicaId,
                    RunId = Row.RunId,
                    RunDirectory = Row.RunDirectory,
                    DeviceKind = member.Device.Kind,
                    DeviceIndex = member.Device.Index,
                    Restore = member.Restores,
                },
            });
            if (!sent)
                member.HostLeft(Now);
        }
    }

    /// <returns>When to look again though nothing came; null: never.</returns>
    private async Task<TimeSpan?> DriveAsync(Generation current)
    {
        if (current.Ending is null)
        {
            var outcome = GenerationOutcome.Judge(current.Members, Now, around.Options.CausePatience);
            if (outcome is GenerationOutcome.GoesOn)
                return await AdvanceAsync(current);
            Break(current, outcome);
            if (outcome is GenerationOutcome.Broken broken)
                return broken.WaitUntil;
            BeginEnding((GenerationOutcome.Over)outcome);
        }
        return await FinishAsync(current);
    }

    /// <summary>Announces the generation when all are ready, then keeps its members supplied with steps.</summary>
    private async Task<TimeSpan?> AdvanceAsync(Generation current)
    {
        if (current.Assignments is null)
        {
            var late = current.LaunchedAt + around.Options.RendezvousTimeout;
            if (current.AllReady)
            {
                await AnnounceAsync(current);
            }
            else if (Now >= late)
            {
                var missing = current.Members.First(member => member.Link is null);
                BeginEnding(new GenerationOutcome.Over(RunPhase.Failed, $"{missing.Described} was not ready within {around.Options.RendezvousTimeout}; see the host's log"));
                return await FinishAsync(current);
            }
            else
            {
                return late;
            }
        }
        if (current.Assignments is { } plan)
        {
            foreach (var piece in plan.Due(current.Applied))
            {
                foreach (var member in current.Members)
                    member.Link!.Send(new ReplicaMessage { Assignment = piece[member.Rank] });
            }
        }
        return null;
    }

    private async Task AnnounceAsync(Generation current)
    {
        var source = current.Source;
        if (source.Applied < 0)
        {
            BeginEnding(new GenerationOutcome.Over(RunPhase.Failed, $"{current.Members[0].Described} was to restore the state and holds none; this is a fault of the replica, not of the data"));
            return;
        }
        current.Assignments = new AssignmentPlan(work.Order, current.Number, current.Members.Count, source.Applied, Row.Steps, around.Options.AssignmentHorizon);
        foreach (var member in current.Members)
            (member.Applied, member.Step) = (source.Applied, source.Applied);
        var now = around.Time.GetUtcNow().UtcDateTime;
        (Row.Generation, Row.Step, Row.Started) = (current.Number, source.Applied, Row.Started ?? now);
        await SetPhaseAsync(RunPhase.Running, "", new GenerationRow
        {
            RunId = Row.RunId,
            Number = current.Number,
            Announced = now,
            StartStep = source.Applied,
            Members = string.Join('\n', current.Members.Select(member => $"{member.ReplicaId} {member.Device}")),
        });
        around.Rendezvous.Open(Row.RunId, current.Number);
        foreach (var member in current.Members)
            member.Link!.Send(new ReplicaMessage { Generation = current.Announcement(member, Row.Term, source) });
    }

    /// <summary>Tells the members to drop the group at once: some of them may be blocked in it.</summary>
    private void Break(Generation current, GenerationOutcome outcome)
    {
        if (current.IsBroken || outcome is GenerationOutcome.Over { Phase: RunPhase.Succeeded or RunPhase.Stopped })
            return;
        current.IsBroken = true;
        around.Rendezvous.Close(Row.RunId, current.Number);
        if (current.Assignments is not null)
            current.Tell(new ReplicaMessage { EndGeneration = new EndGeneration { Generation = current.Number, Reason = (outcome as GenerationOutcome.Over)?.Reason ?? "a member was lost" } });
    }

    private void BeginEnding(GenerationOutcome.Over ending)
    {
        var current = generation!;
        (current.Ending, current.EndedAt) = (ending, Now);
        around.Rendezvous.Close(Row.RunId, current.Number);
        current.Tell(new ReplicaMessage { Leave = new Leave { Reason = ending.Reason == "" ? "the run is done" : ending.Reason } });
        LogEnding(Row.RunId, current.Number, ending.Phase, ending.Reason);
        foreach (var member in current.Members.Where(member => member is { Link: null, IsGone: false }))
            Kill(member); // it still loads and hears nothing
    }

    private void Kill(Member member)
    {
        LogKill(member.ReplicaId, member.Device.Host);
        around.Hosts.Send(member.Device.Host, new HostMessage { KillReplica = new KillReplica { ReplicaId = member.ReplicaId } });
    }

    /// <summary>Waits for the members' processes, kills those that take too long, then ends the run.</summary>
    private async Task<TimeSpan?> FinishAsync(Generation current)
    {
        var ending = current.Ending!;
        var killAt = ending.Phase == RunPhase.Cancelled ? current.EndedAt : current.EndedAt + around.Options.LeaveGrace;
        if (!current.IsKilled && Now >= killAt)
        {
            current.IsKilled = true;
            foreach (var member in current.Members.Where(member => !member.IsGone))
                Kill(member);
        }
        var giveUpAt = killAt + around.Options.LeaveGrace;
        if (current.Members.All(member => member.IsGone) || Now >= giveUpAt)
        {
            await EndAsync(ending);
            return null;
        }
        return current.IsKilled ? giveUpAt : killAt;
    }

    private async Task EndAsync(GenerationOutcome.Over ending)
    {
        if (generation is not null)
        {
            await ShowAsync();
            foreach (var member in generation.Members.Where(member => !member.IsGone))
                LogLeftBehind(member.ReplicaId, member.Device.Host);
            LetGo();
        }
        Row.Ended = around.Time.GetUtcNow().UtcDateTime;
        await SetPhaseAsync(ending.Phase, ending.Reason);
    }

    /// <summary>The members are no longer this run's: their devices are free, and news of them has nowhere to go.</summary>
    private void LetGo()
    {
        foreach (var member in generation?.Members ?? [])
        {
            around.Replicas.Remove(member.ReplicaId);
            around.Pool.Release(member.Device, member.ReplicaId);
        }
    }
}
