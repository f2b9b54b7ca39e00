using ClipDistributed.Coordinator.Members;
using ClipDistributed.Contracts.Replica.V1;
using ClipDistributed.Coordinator.Generations;
using Generation = ClipDistributed.Coordinator.Generations.Generation;
using ReplicaMessage = ClipDistributed.Contracts.Replica.V1.ConnectResponse;

namespace ClipDistributed.Coordinator.Runs;

/// <summary>Hosts that are drained: their replicas leave at a step's border, and others are started elsewhere first where there is room.</summary>
internal sealed partial class RunLoop
{
    private async Task DrainAsync(Replica member, RunInput.HostDrained drained)
    {
        if (drained.IsDrained)
            member.Drain(drained.Grace is { } grace ? Now + grace : null);
        else
            member.StopDraining();
        // Each of its replicas is notified; one event says it.
        if (replicas.FirstOrDefault(other => other.Device.Host == member.Device.Host && other.IsLive) == member)
            NoteRequest($"{(drained.IsDrained ? "drain" : "stop draining")} host {member.Device.Host}", drained.By);
        changed = true;
        // At once: whether others are on their way decides when this one leaves.
        if (HasDevices && ending is null)
            await ReplaceAsync();
    }

    /// <summary>
    /// Replicas that have become ready since join at the next step's border. Those of a drained host leave there: once the
    /// others suffice, or when nobody else is on the way.
    /// </summary>
    private bool IsToRegroup(Generation current)
    {
        var staying = replicas.Where(member => member is { IsLinked: true, IsStaying: true });
        if (!current.Members.Any(member => member is { Standing: Standing.Draining }))
            return current.Members.Count < work.Need.Max && staying.Any(member => !current.Has(member));
        return staying.Count() >= work.Need.Min || !replicas.Any(member => member is { Link: null, IsStaying: true });
    }

    /// <summary>
    /// Lets those of drained hosts go that are in no generation and hold nothing that another does not hold too; and who was
    /// started for a host that was drained only for a moment.
    /// </summary>
    private void LetDrainedGo()
    {
        if (isAdopting || Row.Wish != Contracts.Run.V1.RunPhase.Unspecified)
            return; // who is to save is not let go
        var leaving = replicas.Where(member => member is { Standing: Standing.Draining } && generation?.Has(member) != true && !GroupDecision.IsNeeded(member, replicas)).ToList();
        foreach (var member in leaving)
            Dismiss(member, "its host is drained");
        int surplus = generation is null ? 0 : replicas.Count(member => member is { IsStaying: true }) - work.Need.Max;
        foreach (var member in replicas.Where(member => member is { IsStaying: true } && generation?.Has(member) != true).TakeLast(Math.Max(0, surplus)))
            Dismiss(member, "the run has enough replicas without it");
        if (leaving.Count > 0)
            lossReason = string.Join("; ", new[] { lossReason, GenerationOutcome.Losses(leaving) }.Where(text => text != ""));
    }

    private void Dismiss(Replica member, string reason)
    {
        member.Depart($"leaves, because {reason},", Now);
        if (member.IsLinked)
            member.Link!.Send(new ReplicaMessage { Leave = new Leave { Reason = reason } });
        else
            Kill(member);
    }
}
