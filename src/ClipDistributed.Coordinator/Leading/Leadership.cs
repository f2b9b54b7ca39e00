using System.Net;
using ClipDistributed.Coordinator.Store;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace ClipDistributed.Coordinator.Leading;

/// <summary>
/// This coordinator's right to lead. In a store that several share it gives signs of life; where it cannot, for as long as
/// the lease, another one may lead, and this one leaves off. Whatever it still did would be refused by the store and by all
/// who have heard the other. Thread-safe.
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
    private long renewed = time.GetTimestamp(); // when the last sign that arrived was begun
    private volatile int lost;

    /// <summary>False: another coordinator may lead; nobody is to be told anything before that is known.</summary>
    public bool IsHeld => lost == 0 && (!store.IsShared || time.GetElapsedTime(Volatile.Read(ref renewed)) < options.LeaderLease);

    /// <summary>This coordinator leads no longer: it ends.</summary>
    /// <param name="reason">For people: a clause.</param>
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
        catch (Exception away) when (away is OperationCanceledException || store.IsAway(away))
        {
            LogNotGivenBack(StoreSchema.Reason(away)); // the lease runs out instead
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

    /// <returns>Why it did not arrive; null: it did.</returns>
    private async Task<string?> TryHeartbeatAsync(CancellationToken stop)
    {
        try
        {
            await store.HeartbeatAsync(Address(), stop).WaitAsync(options.LeaderLease / 2, time, stop);
            return null;
        }
        catch (TermOverException followed)
        {
            Lose(followed.Message);
            return followed.Message;
        }
        catch (Exception away) when (away is TimeoutException || store.IsAway(away))
        {
            return $"its store is away ({StoreSchema.Reason(away)}), so that another coordinator may lead by now";
        }
    }

    /// <summary>As others reach it; empty until it listens.</summary>
    private string Address()
    {
        if (server.Features.Get<IServerAddressesFeature>()?.Addresses.FirstOrDefault() is not { } listens)
            return "";
        var address = new UriBuilder(listens);
        if (IPAddress.TryParse(address.Host.Trim('[', ']'), out var host) && (host.Equals(IPAddress.Any) || host.Equals(IPAddress.IPv6Any)))
            address.Host = Dns.GetHostName();
        return address.Uri.GetLeftPart(UriPartial.Authority);
    }

    [LoggerMessage(
        Level = LogLevel.Warning,
        EventName = "LeadershipLost",
        Message = "This coordinator, of term {Term}, leads no longer: {Reason}. It changes nothing more; replicas go on."
    )]
    private partial void LogLost(long term, string reason);

    [LoggerMessage(
        Level = LogLevel.Warning,
        EventName = "StoreNotGivenBack",
        Message = "The store could not be told that this "
            + "coordinator ends ({Reason}); one that stands by takes over when the lease has run out."
    )]
    private partial void LogNotGivenBack(string reason);
}
