using ClipDistributed.Contracts.Host.V1;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Coordinator.Generations;
using ClipDistributed.Coordinator.Hosts;
using HostMessage = ClipDistributed.Contracts.Host.V1.ConnectResponse;

namespace ClipDistributed.Coordinator.Runs;

/// <summary>The processes of a run: started, missed, replaced.</summary>
internal sealed partial class RunLoop
{
    private const int StillbornLimit = 3;
    private const int LongestPause = 60; // seconds

    private readonly List<Member> replicas = [];
    private DeviceKind? kind; // null: the run has not been given devices yet
    private int launched; // over the whole run
    private int stillborn; // that ended by themselves before they were ready, one after the other
    private string lastStillborn = "";
    private TimeSpan nextLaunch;

    /// <returns>When to ask again though nothing changed; null: never.</returns>
    private async Task<TimeSpan?> WaitForDevicesAsync()
    {
        var decision = around.Pool.Claim(Row.RunId);
        if (decision is not GenerationDecision.Start start)
        {
            await SetPhaseAsync(RunPhase.Pending, decision.Reason);
            return Now + (decision as GenerationDecision.Wait)?.AskAgainIn;
        }
        kind = start.Devices[0].Kind;
        LogLaunch(Row.RunId, start.Devices.Count, start.Reason);
        await SetPhaseAsync(RunPhase.Starting, "");
        foreach (var device in start.Devices)
            Launch(device);
        return null;
    }

    private void Launch(DeviceId device)
    {
        bool restores = !replicas.Any(member => member.Lost is null && (member.Restores || member.Applied >= 0));
        var member = new Member($"{Row.RunId}-r{++launched}", device, restores, Now);
        replicas.Add(member);
        around.Replicas.Add(member.ReplicaId, Row.RunId, device.Host, input => Post(input));
        around.Pool.Occupy(device, Row.RunId, member.ReplicaId);
        bool sent = around.Hosts.Send(device.Host, new HostMessage
        {
            LaunchReplica = new LaunchReplica
            {
                ReplicaId = member.ReplicaId,
                RunId = Row.RunId,
                RunDirectory = Row.RunDirectory,
                DeviceKind = device.Kind,
                DeviceIndex = device.Index,
                Restore = restores,
            },
        });
        if (!sent)
            member.HostLeft();
    }

    /// <summary>Lets go of the replicas that are lost and in no generation.</summary>
    private void Release()
    {
        foreach (var late in replicas.Where(member => member.Link is null && Now >= member.LaunchedAt + around.Options.RendezvousTimeout))
            late.Lose($"was not ready within {around.Options.RendezvousTimeout}");
        foreach (var member in replicas.Where(member => member.Lost is not null && generation?.Members.Contains(member) != true).ToList())
        {
            if (member is { Link: null, IsEvicted: false })
            {
                nextLaunch = Now + TimeSpan.FromSeconds(Math.Min(LongestPause, 1 << Math.Min(stillborn, 6)));
                (stillborn, lastStillborn) = (stillborn + 1, $"{member.Described} {member.Lost}");
            }
            if (!member.IsGone)
                Kill(member); // it may live beyond a cut network: what it says is not heard any more
            LogLost(Row.RunId, member.ReplicaId, member.Device.Host, member.Lost!);
            around.Replicas.Remove(member.ReplicaId);
            around.Pool.Release(member.Device, member.ReplicaId);
            replicas.Remove(member);
        }
    }

    /// <summary>Starts replicas on free devices, up to what the run may have.</summary>
    /// <returns>When to look again though nothing came; null: never.</returns>
    private TimeSpan? Replace()
    {
        int missing = work.Need.Max - replicas.Count;
        if (missing <= 0 || wish is not null)
            return null;
        if (Now < nextLaunch)
            return nextLaunch;
        foreach (var device in around.Pool.ClaimMore(Row.RunId, kind!.Value, missing))
            Launch(device);
        return null;
    }

    private void Kill(Member member)
    {
        LogKill(member.ReplicaId, member.Device.Host);
        around.Hosts.Send(member.Device.Host, new HostMessage { KillReplica = new KillReplica { ReplicaId = member.ReplicaId } });
    }
}
