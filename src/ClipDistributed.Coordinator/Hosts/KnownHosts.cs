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
/// Makes durable which hosts there are and were, so that a later coordinator shows those that it misses. Nothing waits for that: a
/// host joins and leaves while the store is unavailable. What is kept is what the registry holds, which is bounded.
/// </summary>
internal sealed partial class KnownHosts(
    HostRegistry registry,
    RunStore store,
    Leadership leadership,
    TimeProvider time,
    ILogger<KnownHosts> logger
) : BackgroundService
{
    /// <summary>Hosts that come and go all the time cost a write as often.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    private readonly StorePatience patience = new(store, time, logger);
    private readonly Channel<bool> changes = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite }
    );
    private Dictionary<string, HostState> stored = []; // by name

    /// <summary>Before hosts can connect.</summary>
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        IReadOnlyList<HostRow> rows = [];
        await patience.TryAsync("Hosts cannot be read", async () => rows = await store.HostsAsync(), cancellationToken);
        stored = rows.ToDictionary(row => row.Name, row => new HostState(row.Connected, row.Lost, row.WasDrained), StringComparer.Ordinal);
        foreach (var row in rows)
        {
            try
            {
                var host = new ConnectedHost(Offer.Parser.ParseFrom(row.Offer), row.SecretHash, row.Peer, row.Connected, store.Term);
                registry.Remember(new LostHost(host, row.Lost ?? time.GetUtcNow(), row.WasDrained));
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
        catch (Exception failed) when (failed is TermOverException || store.IsAway(failed))
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
                await patience.TryAsync("Which hosts there are cannot be saved", SaveAsync, stoppingToken);
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
            .Connected.Select(host => (Host: host, Gone: (LostHost?)null))
            .Concat(registry.Lost.Select(gone => (gone.Host, Gone: (LostHost?)gone)));
        foreach (var (host, gone) in known)
        {
            string name = host.Offer.Host;
            var state = new HostState(host.Connected.UtcDateTime, gone?.At.UtcDateTime, gone?.WasDrained ?? false);
            // one may leave between the two looks
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
        offer.ReplicaIds.Clear(); // of no use to a reader
        offer.Drain = null;
        return new HostRow
        {
            Name = offer.Host, Offer = offer.ToByteArray(), SecretHash = host.SecretHash, Peer = host.Peer,
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
