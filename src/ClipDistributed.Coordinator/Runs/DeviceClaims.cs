using ClipDistributed.Contracts.Host.V1;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Coordinator.Hosts;
using ClipDistributed.Coordinator.Members;
using ClipDistributed.Coordinator.Replicas;
using ClipDistributed.Coordinator.Rules;
using ClipDistributed.Coordinator.ActiveRuns;
using ClipDistributed.Coordinator.Store.Rows;

namespace ClipDistributed.Coordinator.Runs;

/// <summary>
/// Claims devices for a run from the pool that all runs share, and makes the launches for them. The only decision about a run with an
/// immediate effect: two runs must not get the same device.
/// </summary>
internal sealed class DeviceClaims(DevicePool pool)
{
    /// <summary>Before any other: the run waits, or has devices. What it was preempted for is as a former coordinator stored it.</summary>
    public void Enter(ActiveRun run, DateTime utcNow)
    {
        pool.Enter(run.Need, waits: !run.HasDevices);
        TimeSpan? returned = run.Preemption.Returned is { } at ? utcNow > at ? utcNow - at : TimeSpan.Zero : null;
        pool.RestorePreemption(run.RunId, run.Preemption.By, run.HasDevices && run.Pause == PauseStage.None, returned);
    }

    /// <summary>Each action is to be applied before the next is asked for.</summary>
    public IEnumerable<RunAction> Next(ActiveRun run, Moment at)
    {
        if (run.Ending is not null || run.Stop is not null || run.Damage is not null || run.Pause != PauseStage.None)
        {
            bool isPreempted = run is { Preemption.By: not null, Pause: not PauseStage.None };
            pool.LeaveQueue(run.RunId, isPreempted); // it may still hold its devices
            yield break;
        }
        if (run.HasDevices)
        {
            if (pool.Keep(run.Need) is { } preemptor)
            {
                yield return new RunAction.Preempt(preemptor);
                yield break;
            }
            int missing = run.MissingReplicas;
            foreach (var device in missing > 0 ? pool.ClaimMore(run.Need, run.Kind, missing) : [])
                yield return Launch(run, device, at);
            yield break;
        }
        pool.Enter(run.Need); // where it was paused or scaled
        var placement = pool.Claim(run.RunId);
        if (placement is Placement.Start start)
        {
            yield return new RunAction.PlaceRun(start.Devices[0].Kind, start.Devices.Count, start.Reason);
            foreach (var device in start.Devices)
                yield return Launch(run, device, at);
            yield break;
        }
        string loss = run.HasLostUnsaved ? $", but {UnsavedLoss.Text}" : "";
        var (state, reason) = run.Preemption.By is { } by
            ? (RunState.Preempted, $"made way for {by} after step {run.Step}{loss}; {placement.Reason}")
            : (RunState.Pending, placement.Reason);
        foreach (var action in RunPolicy.SetState(run, state, reason))
            yield return action;
        if (placement is Placement.Wait { AskAgainIn: { } pause })
            yield return new RunAction.WakeAt(at.Now + pause);
    }

    private static RunAction.Launch Launch(ActiveRun run, DeviceId device, Moment at)
    {
        int number = run.Launched + 1;
        string replicaId = $"{run.RunId}-r{number}";
        bool restores = !run.Roster.IsStateHeld;
        var secret = ReplicaSecret.New();
        var row = new ReplicaRow
        {
            RunId = run.RunId,
            ReplicaId = replicaId,
            Host = device.Host,
            Kind = device.Kind,
            DeviceIndex = device.Index,
            Restores = restores,
            Launched = at.Utc,
            SecretHash = secret.Hash,
        };
        var message = new LaunchReplica
        {
            ReplicaId = replicaId,
            RunId = run.RunId,
            RunDirectory = run.RunDirectory,
            DeviceKind = device.Kind,
            DeviceIndex = device.Index,
            Restore = restores,
            Number = number,
            Generation = run.GenerationNumber,
            Secret = secret.Value,
        };
        return new RunAction.Launch(new Replica(replicaId, device, restores, at.Now), row, message);
    }
}
