using System.Collections.Concurrent;
using System.Security.Cryptography;
using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Host.V1;
using ClipDistributed.Coordinator.Access;
using ClipDistributed.Coordinator.Links;
using ClipDistributed.Coordinator.Settings;
using ClipDistributed.Coordinator.Store;
using Google.Protobuf;
using Grpc.Core;
using Microsoft.Extensions.Hosting;

namespace ClipDistributed.Coordinator.Hosts;

/// <summary>The connected worker hosts. A host is lost when its call breaks, or sends nothing for a while. Thread-safe.</summary>
internal sealed class HostRegistry(
    HostEffects effects,
    LostHosts lost,
    IRunStore store,
    CoordinatorOptions options,
    IHostApplicationLifetime lifetime,
    TimeProvider time
)
{
    /// <summary>Log lines about hosts that join, and about hosts that leave, in a minute; further ones are only counted.</summary>
    public const int LinesPerMinute = 60;

    private static readonly TimeSpan LinkPoll = TimeSpan.FromMilliseconds(100);

    private readonly MessageCheck check = new(options.Limits);
    private readonly ConcurrentDictionary<string, ConnectedHost> hosts = new(StringComparer.Ordinal);

    private readonly long began = time.GetTimestamp();
    private long awakeSince;

    /// <summary>Hosts and replicas of a former coordinator still have a while to find this one.</summary>
    public bool AwaitsFormer => time.GetElapsedTime(began) < options.ReconnectGrace;

    /// <summary>It was connected until its coordinator ended, just now or before this one: the next one awaits it too.</summary>
    public bool IsAwaited(LostHost former) => former.IsAwaited && time.GetUtcNow() - former.At < options.ReconnectGrace;

    /// <summary>When this coordinator went on after its last pause, a timestamp: what was sent meanwhile may not have been read yet.
    /// </summary>
    public long AwakeSince => Volatile.Read(ref awakeSince);

    public void OnPaused() => Volatile.Write(ref awakeSince, time.GetTimestamp());

    /// <summary>By name.</summary>
    public IReadOnlyList<ConnectedHost> Connected => [.. hosts.Values.OrderBy(host => host.Offer.Host, StringComparer.Ordinal)];

    /// <summary>A host was connected or lost.</summary>
    public event Action? Changed;

    /// <summary>A host has answered a question to a model.</summary>
    public event Action<ConnectedHost, ModelAnswer>? Answered;

    /// <summary>Lost hosts, by name.</summary>
    public IReadOnlyList<LostHost> Lost => [.. lost.Recent.Where(former => !hosts.ContainsKey(former.Host.Offer.Host))];

    /// <returns>Null: no such host is connected.</returns>
    public ConnectedHost? Find(string host) => hosts.GetValueOrDefault(host);

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
            await effects.ClearFailuresAsync(host, cancel);
        effects.Drain(host, undo ? null : new Drain(), by);
    }

    /// <summary>One host's call, from its offer to its end.</summary>
    public async Task RunAsync(Call<ConnectRequest, ConnectResponse> call)
    {
        using var timeout = new CancellationTokenSource(options.HostTimeout, time);
        using var over = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, lifetime.ApplicationStopping);
        var offer = Check(await call.FirstAsync(over.Token), call.Caller);
        byte[] secretHash = SHA256.HashData(offer.Secret.Span);
        offer.Secret = ByteString.Empty; // it is neither stored nor shown
        var host = new ConnectedHost(offer, secretHash, call.Peer, time.GetUtcNow(), store.Term)
        {
            TokenId = call.Caller.TokenId,
        };
        await TakeNameAsync(host, call.Cancelled);
        timeout.CancelAfter(options.HostTimeout);
        call.Keep?.Invoke();
        lost.Forget(offer.Host);
        effects.OnJoined(host);
        Changed?.Invoke();
        try
        {
            await call.RunAsync(host.SendQueue, message =>
            {
                check.Run(message);
                timeout.CancelAfter(options.HostTimeout);
                host.OnMessage(message, time.GetTimestamp());
                effects.OnMessage(offer.Host, message);
                if (message.ModelAnswer is { } answer)
                    Answered?.Invoke(host, answer);
            }, over.Token);
        }
        finally
        {
            lost.Remember(new LostHost(host, time.GetUtcNow(), effects.IsDrained(offer.Host))
            {
                IsAwaited = lifetime.ApplicationStopping.IsCancellationRequested,
            });
            effects.OnLeft(offer.Host);
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
            else if (!lost.HasReplicasOfAnother(host, time.GetElapsedTime(since)))
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

    private Offer Check(ConnectRequest first, Principal caller)
    {
        if (first.Offer is not { } offer)
            throw new RequestRefusedException(
                StatusCode.InvalidArgument,
                $"The first message of a host is {first.MessageCase}; send an Offer."
            );
        ProtocolCheck.Run($"host {offer.Host}", offer.ProtocolVersion, offer.Version);
        TermCheck.Run(offer.Term, store.Term);
        check.Run(offer);
        if (caller.Host != "" && caller.Host != offer.Host)
            throw new RequestRefusedException(
                StatusCode.PermissionDenied,
                $"the token of {caller.Owner} speaks for host {caller.Host}, not for {offer.Host}; start this worker with --name "
                    + $"{caller.Host}, or ask an admin for another token") { Claimed = offer.Host };
        if (hosts.Count >= options.Limits.Hosts)
            throw new RequestRefusedException(
                StatusCode.ResourceExhausted,
                $"{Counted.Plain(hosts.Count, "host")} are connected; no more are accepted."
            );
        return offer;
    }
}
