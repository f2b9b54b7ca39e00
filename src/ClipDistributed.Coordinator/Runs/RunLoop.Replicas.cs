using ClipDistributed.Coordinator.Members;
using ClipDistributed.Contracts.Host.V1;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Contracts.Runs;
using ClipDistributed.Coordinator.Generations;
using ClipDistributed.Coordinator.Hosts;
using ClipDistributed.Coordinator.Replicas;
using ClipDistributed.Coordinator.Store;
using HostMessage = ClipDistributed.Contracts.Host.V1.ConnectResponse;

namespace ClipDistributed.Coordinator.Runs;

/// <summary>The processes of a run: started, missed, replaced.</summary>
internal sealed partial class RunLoop
{
    private const int StillbornLimit = 3;

    private readonly List<Replica> replicas = [];
    private readonly Dictionary<string, Replica> named = new(StringComparer.Ordinal); // the same, by their ids
    private readonly Dictionary<Replica, ReplicaRow> rows = []; // what the store knows of them
    private int stillborn; // that ended by themselves before they were ready, one after the other
    private string lastStillborn = "";

    /// <returns>When to ask again though nothing changed; null: never.</returns>
    private async Task<TimeSpan?> WaitForDevicesAsync()
    {
        var decision = around.Pool.Claim(Row.RunId);
        if (decision is not GenerationDecision.Start start)
        {
            await SetPhaseAsync(RunPhase.Pending, decision.Reason);
            return Now + (decision as GenerationDecision.Wait)?.AskAgainIn;
        }
        Row.Kind = start.Devices[0].Kind;
        LogLaunch(Row.RunId, start.Devices.Count, start.Reason);
        (Row.Phase, Row.Reason) = (RunPhase.Starting, "");
        await LaunchAsync(start.Devices);
        return null;
    }

    /// <summary>Writes down what is to run, then has it started: what a host runs and nobody wrote down is killed.</summary>
    private async Task LaunchAsync(IReadOnlyList<DeviceId> devices)
    {
        if (devices.Count == 0)
            return;
        var begun = devices.Select(Launch).ToList();
        await SaveAsync();
        foreach (var (member, message) in begun)
        {
            if (!around.Hosts.Send(member.Device.Host, message))
                member.OnHostLost();
        }
    }

    /// <summary>A replica holds it, or is reading it.</summary>
    private bool IsStateHeld => replicas.Any(member => member.IsLive && (member.Restores || member.Applied >= 0));

    private (Replica Replica, HostMessage Message) Launch(DeviceId device)
    {
        bool restores = !IsStateHeld;
        var member = new Replica($"{Row.RunId}-r{++Row.Launched}", device, restores, Now);
        var secret = ReplicaSecret.New();
        var row = new ReplicaRow
        {
            RunId = Row.RunId,
            ReplicaId = member.ReplicaId,
            Host = device.Host,
            Kind = device.Kind,
            DeviceIndex = device.Index,
            Restores = restores,
            Launched = around.Time.GetUtcNow().UtcDateTime,
            SecretHash = secret.Hash,
        };
        journal.News.Launched.Add(row);
        Register(member, row);
        return (member, new HostMessage
        {
            LaunchReplica = new LaunchReplica
            {
                ReplicaId = member.ReplicaId,
                RunId = Row.RunId,
                RunDirectory = Row.RunDirectory,
                DeviceKind = device.Kind,
                DeviceIndex = device.Index,
                Restore = restores,
                Number = Row.Launched,
                Generation = Row.Generation,
                Secret = secret.Value,
            },
        });
    }

    private void Register(Replica member, ReplicaRow row)
    {
        replicas.Add(member);
        named[member.ReplicaId] = member;
        rows[member] = row;
        around.Replicas.Add(member.ReplicaId, Row.RunId, member.Device.Host, row.SecretHash, input => Post(input));
        around.Pool.Occupy(member.Device, Row.RunId, member.ReplicaId);
        if (around.Pool.IsDrained(member.Device.Host))
            member.Drain(until: null);
    }

    /// <summary>Lets go of the replicas that are lost and in no generation.</summary>
    private void Release()
    {
        foreach (var late in replicas.Where(member => member.Link is null && Now >= member.HeardAt + around.Options.LoadTimeout))
            late.Lose($"was not ready within {around.Options.LoadTimeout}", LossCause.NotReady);
        // Those of a generation are looked after with it.
        var lease = around.Options.ReplicaLease;
        foreach (var member in replicas.Where(member => member is { IsLive: true, IsLinked: false } && generation?.Has(member) != true))
        {
            if (member.LinkState is LinkState.Broken broken && Now >= broken.Since + lease)
                member.Evict($"lost its connection and did not come back within {lease.TotalSeconds:0.#} s");
            else if (member is { IsAwaited: true, IsHostLost: true } && Now >= adoptUntil + lease)
                member.Evict("did not come back after the coordinator was restarted", excused: true);
        }
        foreach (var member in replicas.Where(member => member.Evidence is not null && generation?.Has(member) != true).ToList())
        {
            if (member is { Standing: Standing.Departing departing, Exit: null } && Now < departing.Since + around.Options.LeaveGrace)
                continue; // it ends by itself
            // Not where it went with its host: many may at once, and others start elsewhere.
            bool isStillborn = member is { LinkState: LinkState.None, Standing: Standing.Lost { Cause: LossCause.Exited or LossCause.NotReady }, Exit: not { Code: null } };
            if (isStillborn)
                (stillborn, lastStillborn) = (stillborn + 1, $"{member.Described} {member.Evidence}");
            string cause = member.IsExcused ? "" : isStillborn ? member.ReplicaId : $"{Row.RunId} {Row.Generation}";
            if (cause != "")
                Blame(member, cause);
            NoteLost(member);
            if (member.Exit is null)
                Kill(member); // it may live beyond a cut network: what it says is not heard any more
            if (member.Standing is not Standing.Departing)
                LogLost(Row.RunId, member.ReplicaId, member.Device.Host, member.Evidence!);
            else
                LogDeparted(Row.RunId, member.ReplicaId, member.Evidence!);
            around.Replicas.Remove(member.ReplicaId);
            around.Pool.Release(member.Device, member.ReplicaId);
            replicas.Remove(member);
            named.Remove(member.ReplicaId);
            rows.Remove(member, out var row);
            (row!.Released, row.Evidence, row.Cause) = (around.Time.GetUtcNow().UtcDateTime, member.Evidence!, cause);
            journal.News.Released.Add(row);
            changed = recorded = true;
        }
    }

    /// <param name="cause">What its host has brought to its end with it.</param>
    private void Blame(Replica member, string cause)
    {
        if (around.Pool.Blame(member.Device.Host, cause, $"{member.Described} {member.Evidence}") is not { } quarantined)
            return;
        journal.Add(RunRecords.ToStruct(new RunNotice(Row.Step, $"Host {member.Device.Host} is quarantined {quarantined}.")));
        LogQuarantine(member.Device.Host, quarantined);
    }

    /// <summary>Starts replicas on free devices, up to what the run may have.</summary>
    private async Task ReplaceAsync()
    {
        int missing = work.Need.Max - replicas.Count(member => !member.IsOfDrainedHost);
        if (missing <= 0 || isAdopting || Row.Wish != RunPhase.Unspecified)
            return;
        if (stillborn >= StillbornLimit && !IsStateHeld)
            return; // the run is given up
        await LaunchAsync(around.Pool.ClaimMore(Row.RunId, Row.Kind, missing));
    }

    private void Kill(Replica member)
    {
        LogKill(member.ReplicaId, member.Device.Host);
        around.Hosts.Send(member.Device.Host, new HostMessage { KillReplica = new KillReplica { ReplicaId = member.ReplicaId } });
    }
}
