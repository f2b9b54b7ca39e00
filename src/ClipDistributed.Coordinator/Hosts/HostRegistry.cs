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

/// <summary>The connected worker hosts. A host is lost when its call breaks, or says nothing for a while. Thread-safe.</summary>
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
    /// <summary>How many hosts may join, and leave, in a minute before lines about it are counted only.</summary>
    public const int LinesPerMinute = 60;

    private readonly LogGate foreignLines = new(time), joinedLines = new(time, LinesPerMinute), leftLines = new(time, LinesPerMinute);
    private static readonly TimeSpan LinkPoll = TimeSpan.FromMilliseconds(100);

    private readonly StorePatience patience = new(store, time, logger);
    private readonly ConcurrentDictionary<string, LostHost> lost = new(StringComparer.Ordinal);
    private readonly MessageCheck check = new(options.Limits);
    private readonly ConcurrentDictionary<string, ConnectedHost> hosts = new(StringComparer.Ordinal);

    /// <summary>By name.</summary>
    public IReadOnlyList<ConnectedHost> Connected => [.. hosts.Values.OrderBy(host => host.Offer.Host, StringComparer.Ordinal)];

    /// <summary>A host came or went.</summary>
    public event Action? Changed;

    /// <summary>Those that are gone, by name.</summary>
    public IReadOnlyList<LostHost> Lost =>
        [
            .. lost
                .Values.Where(gone => !hosts.ContainsKey(gone.Host.Offer.Host) && time.GetUtcNow() - gone.At < options.Limits.LostHostAge)
                .OrderBy(gone => gone.Host.Offer.Host, StringComparer.Ordinal),
        ];

    /// <summary>Whether any host but these has said something within so long.</summary>
    public bool HearsOthers(IEnumerable<string> than, TimeSpan within) =>
        hosts
            .Values.Where(host => host.HeardAt > 0 && time.GetElapsedTime(host.HeardAt) < within)
            .Select(host => host.Offer.Host)
            .Except(than)
            .Any();

    /// <returns>False: the host is away, and nothing was sent.</returns>
    public bool Send(string host, ConnectResponse message) => hosts.TryGetValue(host, out var connected) && connected.Send(message);

    /// <summary>Takes a host's replicas away at the next step's border and gives it no others, or takes that back; the host remembers
    /// it.</summary>
    /// <param name="undo">Its failures count no longer.</param>
    /// <exception cref="RequestRefusedException">No such host is connected.</exception>
    public async Task DrainAsync(string host, bool undo, string by, CancellationToken cancel)
    {
        if (!Send(host, new ConnectResponse { SetDrained = new SetDrained { Drained = !undo } }))
            throw RequestRefusedException.NotFound($"no host {host} is connected; clipd host list shows all");
        if (undo)
        {
            await patience.TryAsync($"Host {host} cannot be cleared of its failures", () => store.ClearFailuresAsync(host), cancel);
            pool.ClearQuarantine(host);
        }
        Drain(host, undo ? null : new Drain(), by);
    }

    /// <summary>One host's call, from its offer to its end.</summary>
    public async Task RunAsync(Call<ConnectRequest, ConnectResponse> call)
    {
        using var silence = new CancellationTokenSource(options.HostSilence, time);
        using var over = CancellationTokenSource.CreateLinkedTokenSource(silence.Token, lifetime.ApplicationStopping);
        var offer = Check(await call.FirstAsync(over.Token));
        byte[] secretHash = SHA256.HashData(offer.Secret.Span);
        offer.Secret = ByteString.Empty; // what is kept and shown of the host is without it
        var host = new ConnectedHost(offer, secretHash, call.Peer, time.GetUtcNow(), store.Term);
        await TakeNameAsync(host, call.Cancelled);
        silence.CancelAfter(options.HostSilence);
        call.Keep?.Invoke();
        Joined(host);
        try
        {
            await call.RunAsync(host.Outbox, said =>
            {
                check.Run(said);
                silence.CancelAfter(options.HostSilence);
                host.Heard(time.GetTimestamp());
                Take(offer.Host, said);
            }, over.Token);
        }
        finally
        {
            Left(host);
            hosts.TryRemove(offer.Host, out _); // last: who takes the name over finds nothing left of this one
            Changed?.Invoke();
            host.Gone();
        }
        if (silence.IsCancellationRequested)
            throw new RequestRefusedException(
                StatusCode.Unavailable,
                $"host {offer.Host} sent nothing for {options.HostSilence.TotalSeconds:0.#} s; connect again"
            );
    }

    /// <summary>
    /// A host whose call broke may be back before the break was seen here: a name is refused only where its holder is heard again, or
    /// where replicas run that another process started. Those of a worker that was killed end within a moment, which is waited for.
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
                if (await holder.LivesAsync().WaitAsync(ends.Token))
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
            else if (time.GetElapsedTime(since) >= options.HostSilence)
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
        return replicas.HasLinkOn(name) || (replicas.AwaitsLinkOn(name) && time.GetElapsedTime(since) < options.HostSilence);
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
                $"{Counted.Plain(hosts.Count, "host")} are connected; no more are taken."
            );
        return offer;
    }

    private void Joined(ConnectedHost host)
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
                replicas.Post(id, new ReplicaEvent.Exited(id, new ProcessExit(null, $"host {offer.Host} came back without it")));
        }
        if (offer.Drain is { } drain)
            Drain(offer.Host, drain, $"the worker of host {offer.Host}, which is being stopped");
        pool.Join(offer.Host, offer.Devices.Select(device => (new DeviceId(offer.Host, device.Kind, device.Index), device.Name)));
        Changed?.Invoke();
    }

    /// <param name="drain">Null: it gets replicas again.</param>
    private void Drain(string host, Drain? drain, string by)
    {
        pool.SetDrained(host, drain is not null); // first: what leaves it is replaced elsewhere
        LogDrain(
            host,
            drain is null
                ? "is offered replicas again"
                : "is drained: others are started elsewhere, and its replicas leave at a step's border once those suffice"
        );
        TimeSpan? grace = drain is { GraceSeconds: > 0 } ? TimeSpan.FromSeconds(drain.GraceSeconds) : null;
        foreach (string id in replicas.OnHost(host))
            replicas.Post(id, new ReplicaEvent.HostDrained(id, drain is not null, grace, by));
    }

    private void Left(ConnectedHost left)
    {
        string host = left.Offer.Host;
        if (leftLines.TryPass(out long before))
            LogLeft(host, before);
        Remember(new LostHost(left, time.GetUtcNow(), pool.IsDrained(host)));
        pool.Leave(host);
        foreach (string id in replicas.OnHost(host))
            replicas.Post(id, new ReplicaEvent.HostLost(id));
    }

    /// <summary>A host that is gone, here or with a coordinator before this one; of too many those that are gone longest are
    /// forgotten.</summary>
    public void Remember(LostHost gone)
    {
        lost[gone.Host.Offer.Host] = gone;
        foreach (var old in lost.Values.Where(other => time.GetUtcNow() - other.At >= options.Limits.LostHostAge).ToList())
            lost.TryRemove(old.Host.Offer.Host, out _);
        // What a host proves itself with is kept for as long as its replicas run: who makes it forgotten cannot take its name.
        while (
            lost.Count > options.Limits.LostHosts
            && lost.Values.Where(other => !replicas.HasLinkOn(other.Host.Offer.Host)).MinBy(other => other.At) is { } oldest
        )
            lost.TryRemove(oldest.Host.Offer.Host, out _);
    }

    private void Take(string host, ConnectRequest said)
    {
        switch (said.MessageCase)
        {
            case ConnectRequest.MessageOneofCase.ReplicaExited when !IsOwn(host, said.ReplicaExited.ReplicaId):
            case ConnectRequest.MessageOneofCase.LogLine when !IsOwn(host, said.LogLine.ReplicaId):
                break;
            case ConnectRequest.MessageOneofCase.ReplicaExited:
                var exited = said.ReplicaExited;
                LogExited(exited.ReplicaId, host, exited.ExitCode);
                replicas.Post(
                    exited.ReplicaId,
                    new ReplicaEvent.Exited(exited.ReplicaId, new ProcessExit(exited.ExitCode, exited.Text, exited.RowsBegun))
                );
                break;
            case ConnectRequest.MessageOneofCase.Drain:
                Drain(host, said.Drain, $"the worker of host {host}, which is being stopped");
                break;
            case ConnectRequest.MessageOneofCase.LogLine:
                LogLine(said.LogLine.ReplicaId, host, said.LogLine.Text);
                break;
        }
    }

    /// <summary>
    /// What a host reports about the replicas of others is ignored; one that this coordinator does not know any more belongs to none.
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
