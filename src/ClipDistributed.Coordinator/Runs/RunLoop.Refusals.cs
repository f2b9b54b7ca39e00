using ClipDistributed.Coordinator.Members;
using ClipDistributed.Contracts.Processes;
using ClipDistributed.Contracts.Replica.V1;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Contracts.Runs;
using ClipDistributed.Coordinator.Generations;

namespace ClipDistributed.Coordinator.Runs;

/// <summary>Replicas that cannot use what they were given.</summary>
internal sealed partial class RunLoop
{
    /// <summary>
    /// What a replica cannot use, none can, and trying again gives the same. Unless a step was computed and others hold its
    /// state: they have used it, so that something is wrong with the one host.
    /// </summary>
    private void HearRefusals()
    {
        foreach (var refused in replicas.Where(member => member is { Refuses: true, Link: not null, IsLive: true }).ToList())
        {
            if (CanSpare(refused))
                Evict(refused, $"cannot go on ({string.Join(" | ", refused.Seat.Failure!.Errors)})");
            else
                BeginEnding(new GenerationOutcome.Over(RunPhase.Failed, GenerationOutcome.Refusal(refused)));
        }
        // One that refused its input before it had a link to say so.
        if (replicas.FirstOrDefault(member => member is { Link: null, Exit: { Code: ExitCodes.BadInput, Words: not "" } } && !CanSpare(member)) is { } unread)
            BeginEnding(new GenerationOutcome.Over(RunPhase.Failed, $"host {unread.Device.Host} (replica {unread.ReplicaId}): {unread.Exit!.Words}"));
    }

    /// <summary>A file in the run's directory cannot be used: this run alone ends, and says which.</summary>
    private async Task RefuseAsync(string reason)
    {
        var over = new GenerationOutcome.Over(RunPhase.Failed, reason);
        journal.Add(RunRecords.ToStruct(new InputRefused([reason])));
        if (HasDevices && ending is null)
            BeginEnding(over);
        else if (ending is null)
            await EndAsync(over);
    }

    /// <summary>Others hold the state and have said nothing against it. Not at a run's end: what cannot be saved there is to be told.</summary>
    private bool CanSpare(Replica refused) => Row.UsefulSeconds > 0 && Row.Wish == RunPhase.Unspecified && refused.Seat.Failure?.Kind != FailureKind.Diverged && refused.Applied < Row.Steps
        && replicas.Any(other => other is { IsLive: true, Refuses: false, Applied: >= 0 } && other != refused);
}
