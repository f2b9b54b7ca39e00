using System.Net;
using ClipDistributed.Coordinator.Settings;
using ClipDistributed.Coordinator.Store;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace ClipDistributed.Coordinator.Leading;

/// <summary>
/// This coordinator's leadership. It sends heartbeats to a shared store; where it cannot for the length of the lease, another one may
/// lead, and this one steps down. Its writes and messages are fenced by its term: the store refuses them, and so do all hosts and
/// replicas that have received a higher one. Thread-safe.
/// </summary>
internal sealed partial class Leadership(
    RunStore store,
    CoordinatorOptions options,
    IServer server,
    IHostApplicationLifetime lifetime,
    TimeProvider time,
    ILogger<Leadership> logger
) : BackgroundService
{
    private long renewed = time.GetTimestamp(); // when the last heartbeat that succeeded was begun
    private volatile int lost;

    /// <summary>False: another coordinator may lead; this one must not answer before that is known.</summary>
    public bool IsHeld => lost == 0 && (!store.IsShared || time.GetElapsedTime(Volatile.Read(ref renewed)) < options.LeaderLease);

    /// <summary>When it began to lead.</summary>
    public DateTimeOffset Started { get; } = time.GetUtcNow();

    /// <summary>As others reach it; empty until it listens.</summary>
    public string Address
    {
        get
        {
            if (server.Features.Get<IServerAddressesFeature>()?.Addresses.FirstOrDefault() is not { } listens)
                return "";
            var address = new UriBuilder(listens);
            if (IPAddress.TryParse(address.Host.Trim('[', ']'), out var host)
                && (host.Equals(IPAddress.Any) || host.Equals(IPAddress.IPv6Any)))
                address.Host = Dns.GetHostName();
            return address.Uri.GetLeftPart(UriPartial.Authority);
        }
    }

    /// <summary>This coordinator has lost the leadership: it ends.</summary>
    /// <param name="reason">Human-readable: a clause.</param>
    public void Lose(string reason)
    {
        if (Interlocked.Exchange(ref lost, 1) == 1)
            return;
        LogLost(store.Term, reason);
        lifetime.StopApplication();
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        if (!store.IsShared || lost == 1)
            return;
        try
        {
            await store.ResignAsync(cancellationToken);
        }
        catch (Exception failed) when (failed is OperationCanceledException || store.IsUnavailable(failed))
        {
            LogNotResigned(StoreSchema.Reason(failed)); // the lease expires instead
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!store.IsShared)
            return;
        using var timer = new PeriodicTimer(options.LeaderLease / 6, time);
        do
        {
            long began = time.GetTimestamp();
            string? failed = await TryHeartbeatAsync(stoppingToken);
            if (failed is null)
                Volatile.Write(ref renewed, began);
            else if (!IsHeld)
                Lose(failed);
        }
        while (lost == 0 && await timer.WaitForNextTickAsync(stoppingToken));
    }

    /// <returns>Why it failed; null: it did not.</returns>
    private async Task<string?> TryHeartbeatAsync(CancellationToken stop)
    {
        try
        {
            await store.HeartbeatAsync(Address, stop).WaitAsync(options.LeaderLease / 2, time, stop);
            return null;
        }
        catch (TermOverException followed)
        {
            Lose(followed.Message);
            return followed.Message;
        }
        catch (Exception failed) when (failed is TimeoutException || store.IsUnavailable(failed))
        {
            return $"its store is unavailable ({StoreSchema.Reason(failed)}), so that another coordinator may lead by now";
        }
    }


    [LoggerMessage(
        Level = LogLevel.Warning,
        EventName = "LeadershipLost",
        Message = "This coordinator, of term {Term}, leads no longer: {Reason}. It changes nothing more; replicas train on."
    )]
    private partial void LogLost(long term, string reason);

    [LoggerMessage(
        Level = LogLevel.Warning,
        EventName = "LeadershipNotResigned",
        Message = "The leadership could not be resigned in "
            + "the store ({Reason}); a standby takes over when the lease has expired."
    )]
    private partial void LogNotResigned(string reason);
}
