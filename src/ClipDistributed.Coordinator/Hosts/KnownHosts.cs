using System.Threading.Channels;
using ClipDistributed.Contracts.Host.V1;
using ClipDistributed.Coordinator.Leading;
using ClipDistributed.Coordinator.Store.Rows;
using ClipDistributed.Coordinator.Store;
using Google.Protobuf;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace ClipDistributed.Coordinator.Hosts;

/// <summary>
/// Persists which hosts are and were connected, so that a later coordinator shows lost ones. Nothing waits for that: hosts join and
/// leave while the store is unavailable. Only what the registry holds is persisted, which is bounded.
/// </summary>
internal sealed partial class KnownHosts(
    HostRegistry registry,
    LostHosts lostHosts,
    RunStore store,
    Leadership leadership,
    TimeProvider time,
    ILogger<KnownHosts> logger
) : BackgroundService
{
    /// <summary>Hosts that join and leave all the time cause a write in this interval.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    private readonly StoreRetry retry = new(store, time, logger);
    private readonly Channel<bool> changes = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite }
    );
    private Dictionary<string, HostState> stored = []; // by name

    /// <summary>Before hosts can connect.</summary>
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        IReadOnlyList<HostRow> rows = [];
        await retry.TryAsync("Hosts cannot be read", async () => rows = await store.HostsAsync(), cancellationToken);
        stored = rows.ToDictionary(row => row.Name, row => new HostState(row.Connected, row.Lost, row.WasDrained), StringComparer.Ordinal);
        foreach (var row in rows)
        {
            try
            {
                var host = new ConnectedHost(Offer.Parser.ParseFrom(row.Offer), row.SecretHash, row.Peer, row.Connected, store.Term)
                {
                    TokenId = row.TokenId,
                };
                lostHosts.Remember(new LostHost(host, row.Lost ?? time.GetUtcNow(), row.WasDrained) { IsAwaited = row.Lost is null });
            }
            catch (InvalidProtocolBufferException)
            {
                LogDamaged(row.Name); // it is only shown
            }
        }
        registry.Changed += () => changes.Writer.TryWrite(true);
        await base.StartAsync(cancellationToken);
    }

    /// <summary>The server has ended all calls by now, of hosts too.</summary>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        try
        {
            await SaveAsync();
        }
        catch (Exception failed) when (failed is TermOverException || store.IsUnavailable(failed))
        {
            LogNotSaved(StoreSchema.Reason(failed));
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            while (await changes.Reader.ReadAsync(stoppingToken))
            {
                await retry.TryAsync("Which hosts there are cannot be saved", SaveAsync, stoppingToken);
                await Task.Delay(Pause, time, stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // StopAsync saves the rest.
        }
        catch (TermOverException followed)
        {
            leadership.Lose(followed.Message);
        }
    }

    private async Task SaveAsync()
    {
        var changed = new List<HostRow>();
        var now = new Dictionary<string, HostState>(StringComparer.Ordinal);
        var known = registry
            .Connected.Select(host => (Host: host, Lost: (LostHost?)null))
            .Concat(registry.Lost.Select(lost => (lost.Host, Lost: (LostHost?)lost)));
        foreach (var (host, lost) in known)
        {
            string name = host.Offer.Host;
            var since = lost is null || registry.IsAwaited(lost) ? null : (DateTime?)lost.At.UtcDateTime;
            var state = new HostState(host.Connected.UtcDateTime, since, lost?.WasDrained ?? false);
            // one may leave between the two reads
            if (now.TryAdd(name, state) && (!stored.TryGetValue(name, out var before) || before != state))
                changed.Add(RowOf(host, state));
        }
        string[] forgotten = [.. stored.Keys.Where(name => !now.ContainsKey(name))];
        if (changed.Count + forgotten.Length > 0)
            await store.SaveHostsAsync(changed, forgotten);
        stored = now;
    }

    private static HostRow RowOf(ConnectedHost host, HostState state)
    {
        var offer = host.Offer.Clone();
        offer.ReplicaIds.Clear(); // not needed by readers
        offer.Drain = null;
        return new HostRow
        {
            Name = offer.Host, Offer = offer.ToByteArray(), SecretHash = host.SecretHash, Peer = host.Peer,
            TokenId = host.TokenId,
            Connected = state.Connected, Lost = state.Lost, WasDrained = state.WasDrained,
        };
    }

    [LoggerMessage(
        Level = LogLevel.Warning,
        EventName = "HostDamaged",
        Message = "What the store holds of host {HostId} is damaged; it is not shown until it connects again."
    )]
    private partial void LogDamaged(string hostId);

    [LoggerMessage(
        Level = LogLevel.Warning,
        EventName = "HostsNotSaved",
        Message = "Which hosts were connected could not be saved at the "
            + "end ({Reason}); a later coordinator shows those that were saved before."
    )]
    private partial void LogNotSaved(string reason);

    private readonly record struct HostState(DateTime Connected, DateTime? Lost, bool WasDrained);
}
