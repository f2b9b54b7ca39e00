using ClipDistributed.Contracts.Host.V1;
using ClipDistributed.Contracts.Processes;
using ClipDistributed.Coordinator.Connections;
using ClipDistributed.Coordinator.Replicas;
using ClipDistributed.Coordinator.Store;
using Microsoft.Extensions.Logging;
using static ClipDistributed.Contracts.Control.V1.LogEntry.Types;

namespace ClipDistributed.Coordinator.Hosts;

/// <summary>What a host's messages, its coming and its going mean for its devices and its replicas. Thread-safe.</summary>
/// <param name="logger">The registry's: people filter the lines about hosts by that name.</param>
internal sealed partial class HostEffects(
    DevicePool pool,
    ReplicaTable replicas,
    ReplicaOutput output,
    IRunStore store,
    TimeProvider time,
    ILogger<HostRegistry> logger
)
{
    private readonly LogGate foreignLines = new(time),
        joinedLines = new(time, HostRegistry.LinesPerMinute),
        leftLines = new(time, HostRegistry.LinesPerMinute);

    private readonly StoreRetry retry = new(store, time, logger);

    public bool IsDrained(string host) => pool.IsDrained(host);

    /// <summary>Its quarantine is over too.</summary>
    public async Task ClearFailuresAsync(string host, CancellationToken cancel)
    {
        await retry.TryAsync($"Host {host} cannot be cleared of its failures", () => store.ClearFailuresAsync(host), cancel);
        pool.ClearQuarantine(host);
    }

    public void OnJoined(ConnectedHost host)
    {
        var offer = host.Offer;
        var expected = replicas.OnHost(offer.Host);
        var welcome = new Welcome();
        welcome.ReplicaIdsToKill.AddRange(offer.ReplicaIds.Where(id => !expected.Contains(id)));
        host.Send(new ConnectResponse { Welcome = welcome });
        if (joinedLines.TryPass(out long before))
            LogJoined(offer.Host, host.Peer, offer.Devices.Count, LogGate.LeftOut(before));
        foreach (string id in expected)
        {
            replicas.Post(id, new ReplicaEvent.HostReturned(id));
            if (!offer.ReplicaIds.Contains(id))
                replicas.Post(id, new ReplicaEvent.Exited(id, new ProcessExit(null, $"host {offer.Host} reconnected without it")));
        }
        if (offer.Drain is { } drain)
            Drain(offer.Host, drain, $"the worker of host {offer.Host}, which is being stopped");
        var devices = offer.Devices.Select(device => (new DeviceId(offer.Host, device.Kind, device.Index), device.Name));
        pool.Join(offer.Host, devices, Convert.ToHexString(host.SecretHash));
    }

    /// <param name="drain">Null: it is no longer drained.</param>
    public void Drain(string host, Drain? drain, string by)
    {
        pool.SetDrained(host, drain is not null); // first: replicas that leave it are replaced elsewhere
        LogDrain(
            host,
            drain is null
                ? "is offered replicas again"
                : "is drained: others are started elsewhere, and its replicas leave at a step boundary once those suffice"
        );
        TimeSpan? grace = drain is { GraceSeconds: > 0 } ? TimeSpan.FromSeconds(drain.GraceSeconds) : null;
        foreach (string id in replicas.OnHost(host))
            replicas.Post(id, new ReplicaEvent.HostDrained(id, drain is not null, grace, by));
    }

    public void OnLeft(string host)
    {
        if (leftLines.TryPass(out long before))
            LogLeft(host, LogGate.LeftOut(before));
        pool.Leave(host);
        foreach (string id in replicas.OnHost(host))
            replicas.Post(id, new ReplicaEvent.HostLost(id));
    }

    public void OnMessage(string host, ConnectRequest message)
    {
        switch (message.MessageCase)
        {
            case ConnectRequest.MessageOneofCase.ReplicaExited when !IsOwn(host, message.ReplicaExited.ReplicaId):
            case ConnectRequest.MessageOneofCase.LogLine when !IsOwn(host, message.LogLine.ReplicaId):
                break;
            case ConnectRequest.MessageOneofCase.ReplicaExited:
                var exited = message.ReplicaExited;
                LogExited(exited.ReplicaId, host, ExitWords.Of(exited.ExitCode));
                Keep(host, exited);
                replicas.Post(
                    exited.ReplicaId,
                    new ReplicaEvent.Exited(exited.ReplicaId, new ProcessExit(exited.ExitCode, exited.Text, exited.RowsBegun))
                );
                break;
            case ConnectRequest.MessageOneofCase.Heartbeat:
                OnFaults(host, message.Heartbeat.Devices);
                break;
            case ConnectRequest.MessageOneofCase.Drain:
                Drain(host, message.Drain, $"the worker of host {host}, which is being stopped");
                break;
            case ConnectRequest.MessageOneofCase.LogLine:
                LogLine(message.LogLine.ReplicaId, host, message.LogLine.Text);
                if (replicas.Knows(message.LogLine.ReplicaId))
                    output.Add(host, message.LogLine.ReplicaId, message.LogLine.Text);
                break;
        }
    }

    /// <summary>How it ended belongs to what it printed.</summary>
    private void Keep(string host, ReplicaExited exited)
    {
        if (!replicas.Knows(exited.ReplicaId))
            return;
        string text = exited.Text == "" ? "" : $": {exited.Text.ReplaceLineEndings(" | ")}";
        var level = exited.ExitCode == ExitCodes.Done ? Level.Info : Level.Error;
        output.Add(host, exited.ReplicaId, $"the process {ExitWords.Of(exited.ExitCode)}{text}", level);
    }

    private void OnFaults(string host, IEnumerable<DeviceState> devices)
    {
        var faults = devices.Where(device => device.Fault != "")
            .ToDictionary(device => new DeviceId(host, device.Kind, device.Index), device => device.Fault);
        foreach (var (device, isNew) in pool.SetFaults(host, faults))
        {
            if (isNew)
                LogFaulty(device.Name, host, faults[device]);
            else
                LogUsable(device.Name, host);
        }
    }

    /// <summary>
    /// Messages of a host about replicas of other hosts are ignored; a replica that this coordinator no longer knows belongs to none.
    /// </summary>
    private bool IsOwn(string host, string replicaId)
    {
        if (replicas.HostOf(replicaId) is not { } owner || owner == host)
            return true;
        if (foreignLines.TryPass(out long before))
            LogForeign(host, replicaId, owner, LogGate.LeftOut(before));
        return false;
    }
}
