using System.Collections.Concurrent;
using System.Security.Cryptography;
using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Host.V1;
using ClipDistributed.Coordinator.Connections;
using ClipDistributed.Coordinator.Links;
using ClipDistributed.Coordinator.Replicas;
using ClipDistributed.Coordinator.Store;
using Google.Protobuf;
using Grpc.Core;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace ClipDistributed.Coordinator.Hosts;

/// <summary>The connected worker hosts. A host is lost when its call breaks, or sends nothing for a while. Thread-safe.</summary>
internal sealed partial class HostRegistry(
    DevicePool pool,
    ReplicaTable replicas,
    IRunStore store,
    CoordinatorOptions options,
    IHostApplicationLifetime lifetime,
    TimeProvider time,
    ILogger<HostRegistry> logger
)
{
    /// <summary>Log lines about hosts that join, and about hosts that leave, in a minute; further ones are only counted.</summary>
    public const int LinesPerMinute = 60;

    private readonly LogGate foreignLines = new(time), joinedLines = new(time, LinesPerMinute), leftLines = new(time, LinesPerMinute);
    private static readonly TimeSpan LinkPoll = TimeSpan.FromMilliseconds(100);

    private readonly StoreRetry retry = new(store, time, logger);
    private readonly ConcurrentDictionary<string, LostHost> lost = new(StringComparer.Ordinal);
    private readonly MessageCheck check = new(options.Limits);
    private readonly ConcurrentDictionary<string, ConnectedHost> hosts = new(StringComparer.Ordinal);

    /// <summary>By name.</summary>
    public IReadOnlyList<ConnectedHost> Connected => [.. hosts.Values.OrderBy(host => host.Offer.Host, StringComparer.Ordinal)];

    /// <summary>A host was connected or lost.</summary>
    public event Action? Changed;

    /// <summary>Lost hosts, by name.</summary>
    public IReadOnlyList<LostHost> Lost =>
        [
            .. lost
                .Values.Where(former => !hosts.ContainsKey(former.Host.Offer.Host))
                .Where(former => time.GetUtcNow() - former.At < options.Limits.LostHostAge)
                .OrderBy(former => former.Host.Offer.Host, StringComparer.Ordinal),
        ];

    /// <summary>Whether any host but these has sent a message within so long.</summary>
    public bool ReceivesFromOthers(IEnumerable<string> than, TimeSpan within) =>
        hosts
            .Values.Where(host => host.LastMessageAt > 0 && time.GetElapsedTime(host.LastMessageAt) < within)
            .Select(host => host.Offer.Host)
            .Except(than)
            .Any();

    /// <returns>False: the host is not connected, and nothing was sent.</returns>
    public bool Send(string host, ConnectResponse message) => hosts.TryGetValue(host, out var connected) && connected.Send(message);

    /// <summary>Drains a host, or undoes that: its replicas leave at the next step boundary and it gets no others. The host remembers
    /// it.</summary>
    /// <param name="undo">Clears the quarantine too.</param>
    /// <exception cref="RequestRefusedException">No such host is connected.</exception>
    public async Task DrainAsync(string host, bool undo, string by, CancellationToken cancel)
    {
        if (!Send(host, new ConnectResponse { SetDrained = new SetDrained { Drained = !undo } }))
            throw RequestRefusedException.NotFound($"no host {host} is connected; clipd host list shows all");
        if (undo)
        {
            await retry.TryAsync($"Host {host} cannot be cleared of its failures", () => store.ClearFailuresAsync(host), cancel);
            pool.ClearQuarantine(host);
        }
        Drain(host, undo ? null : new Drain(), by);
    }

    /// <summary>One host's call, from its offer to its end.</summary>
    public async Task RunAsync(Call<ConnectRequest, ConnectResponse> call)
    {
        using var timeout = new CancellationTokenSource(options.HostTimeout, time);
        using var over = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, lifetime.ApplicationStopping);
        var offer = Check(await call.FirstAsync(over.Token));
        byte[] secretHash = SHA256.HashData(offer.Secret.Span);
        offer.Secret = ByteString.Empty; // it is neither stored nor shown
        var host = new ConnectedHost(offer, secretHash, call.Peer, time.GetUtcNow(), store.Term);
        await TakeNameAsync(host, call.Cancelled);
        timeout.CancelAfter(options.HostTimeout);
        call.Keep?.Invoke();
        OnJoined(host);
        try
        {
            await call.RunAsync(host.SendQueue, message =>
            {
                check.Run(message);
                timeout.CancelAfter(options.HostTimeout);
                host.OnMessage(time.GetTimestamp());
                OnMessage(offer.Host, message);
            }, over.Token);
        }
        finally
        {
            OnLeft(host);
            hosts.TryRemove(offer.Host, out _); // last: a process that takes the name over finds nothing left of this one
            Changed?.Invoke();
            host.OnDisconnected();
        }
        if (timeout.IsCancellationRequested)
            throw new RequestRefusedException(
                StatusCode.Unavailable,
                $"host {offer.Host} sent nothing for {options.HostTimeout.TotalSeconds:0.#} s; connect again"
            );
    }

    /// <summary>
    /// A host whose call broke may reconnect before the break was noticed here: its name is refused only where the holder sends another
    /// message, or where replicas of another process of that name run. Those of a worker that was killed end within a moment.
    /// </summary>
    private async Task TakeNameAsync(ConnectedHost host, CancellationToken cancelled)
    {
        string name = host.Offer.Host;
        using var ends = CancellationTokenSource.CreateLinkedTokenSource(cancelled, lifetime.ApplicationStopping);
        long since = time.GetTimestamp();
        while (true)
        {
            if (hosts.TryGetValue(name, out var holder))
            {
                if (await holder.NextMessageAsync().WaitAsync(ends.Token))
                    throw new RequestRefusedException(
                        StatusCode.AlreadyExists,
                        $"a worker host named {name} is already connected from {holder.Peer}; start this one with --name"
                    );
            }
            else if (!HasReplicasOfAnother(host, since))
            {
                if (hosts.TryAdd(name, host))
                    return;
            }
            else if (time.GetElapsedTime(since) >= options.HostTimeout)
            {
                throw new RequestRefusedException(
                    StatusCode.AlreadyExists,
                    $"replicas of another worker host named {name} still run; start this one with --name, or when they have ended"
                );
            }
            else
            {
                await Task.Delay(LinkPoll, time, ends.Token);
            }
        }
    }

    /// <summary>Replicas of the name's former process have open calls; those of a coordinator before this one get a while to
    /// connect.</summary>
    private bool HasReplicasOfAnother(ConnectedHost host, long since)
    {
        string name = host.Offer.Host;
        if (!lost.TryGetValue(name, out var former) || former.Host.SecretHash.Length == 0 || former.Host.IsSameProcess(host))
            return false;
        return replicas.HasLinkOn(name) || (replicas.AwaitsLinkOn(name) && time.GetElapsedTime(since) < options.HostTimeout);
    }

    private Offer Check(ConnectRequest first)
    {
        if (first.Offer is not { } offer)
            throw new RequestRefusedException(
                StatusCode.InvalidArgument,
                $"The first message of a host is {first.MessageCase}; send an Offer."
            );
        ProtocolCheck.Run($"host {offer.Host}", offer.ProtocolVersion, offer.Version);
        TermCheck.Run(offer.Term, store.Term);
        check.Run(offer);
        if (hosts.Count >= options.Limits.Hosts)
            throw new RequestRefusedException(
                StatusCode.ResourceExhausted,
                $"{Counted.Plain(hosts.Count, "host")} are connected; no more are accepted."
            );
        return offer;
    }

    private void OnJoined(ConnectedHost host)
    {
        var offer = host.Offer;
        lost.TryRemove(offer.Host, out _);
        var expected = replicas.OnHost(offer.Host);
        var welcome = new Welcome();
        welcome.ReplicaIdsToKill.AddRange(offer.ReplicaIds.Where(id => !expected.Contains(id)));
        host.Send(new ConnectResponse { Welcome = welcome });
        if (joinedLines.TryPass(out long before))
            LogJoined(offer.Host, host.Peer, offer.Devices.Count, before);
        foreach (string id in expected)
        {
            replicas.Post(id, new ReplicaEvent.HostReturned(id));
            if (!offer.ReplicaIds.Contains(id))
                replicas.Post(id, new ReplicaEvent.Exited(id, new ProcessExit(null, $"host {offer.Host} reconnected without it")));
        }
        if (offer.Drain is { } drain)
            Drain(offer.Host, drain, $"the worker of host {offer.Host}, which is being stopped");
        pool.Join(offer.Host, offer.Devices.Select(device => (new DeviceId(offer.Host, device.Kind, device.Index), device.Name)));
        Changed?.Invoke();
    }

    /// <param name="drain">Null: it is no longer drained.</param>
    private void Drain(string host, Drain? drain, string by)
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

    private void OnLeft(ConnectedHost left)
    {
        string host = left.Offer.Host;
        if (leftLines.TryPass(out long before))
            LogLeft(host, before);
        Remember(new LostHost(left, time.GetUtcNow(), pool.IsDrained(host)));
        pool.Leave(host);
        foreach (string id in replicas.OnHost(host))
            replicas.Post(id, new ReplicaEvent.HostLost(id));
    }

    /// <summary>A host that was lost, by this coordinator or by one before it; of too many, those that were lost first are
    /// forgotten.</summary>
    public void Remember(LostHost former)
    {
        lost[former.Host.Offer.Host] = former;
        foreach (var old in lost.Values.Where(other => time.GetUtcNow() - other.At >= options.Limits.LostHostAge).ToList())
            lost.TryRemove(old.Host.Offer.Host, out _);
        // A host's secret is kept for as long as its replicas run: flooding this list cannot free its name.
        while (
            lost.Count > options.Limits.LostHosts
            && lost.Values.Where(other => !replicas.HasLinkOn(other.Host.Offer.Host)).MinBy(other => other.At) is { } oldest
        )
            lost.TryRemove(oldest.Host.Offer.Host, out _);
    }

    private void OnMessage(string host, ConnectRequest message)
    {
        switch (message.MessageCase)
        {
            case ConnectRequest.MessageOneofCase.ReplicaExited when !IsOwn(host, message.ReplicaExited.ReplicaId):
            case ConnectRequest.MessageOneofCase.LogLine when !IsOwn(host, message.LogLine.ReplicaId):
                break;
            case ConnectRequest.MessageOneofCase.ReplicaExited:
                var exited = message.ReplicaExited;
                LogExited(exited.ReplicaId, host, exited.ExitCode);
                replicas.Post(
                    exited.ReplicaId,
                    new ReplicaEvent.Exited(exited.ReplicaId, new ProcessExit(exited.ExitCode, exited.Text, exited.RowsBegun))
                );
                break;
            case ConnectRequest.MessageOneofCase.Drain:
                Drain(host, message.Drain, $"the worker of host {host}, which is being stopped");
                break;
            case ConnectRequest.MessageOneofCase.LogLine:
                LogLine(message.LogLine.ReplicaId, host, message.LogLine.Text);
                break;
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
            LogForeign(host, replicaId, owner, before);
        return false;
    }
}
