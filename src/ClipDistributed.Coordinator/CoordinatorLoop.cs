using ClipDistributed.Contracts.Errors;
using ClipDistributed.Coordinator.Leading;
using ClipDistributed.Coordinator.Runs;
using ClipDistributed.Coordinator.Settings;
using ClipDistributed.Coordinator.Store;
using ClipDistributed.Coordinator.Store.Databases;
using ClipDistributed.Coordinator.Store.Rows;
using ClipDistributed.Telemetry;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Logging;

namespace ClipDistributed.Coordinator;

/// <summary>
/// The lifecycle of a coordinator: it leads, or stands by until it can, and stands by again when another one has taken over. With a
/// store of its own it leads at once, and ends when it loses the leadership.
/// </summary>
/// <param name="announce">Receives the addresses as soon as it listens.</param>
/// <param name="leads">Receives them whenever it begins to lead; null: none is interested.</param>
/// <param name="logging">As of <see cref="CoordinatorHost.Build"/>.</param>
public sealed partial class CoordinatorLoop(
    CoordinatorOptions options,
    Action<ListeningAddresses> announce,
    Action<ILoggingBuilder>? logging = null,
    TimeProvider? time = null,
    Action<ListeningAddresses>? leads = null
)
{
    private readonly string holder = Guid.NewGuid().ToString("N");
    private readonly Action<ILoggingBuilder> logging = logging ?? (lines => lines.AddTelemetry());
    private readonly TimeProvider time = time ?? TimeProvider.System;
    private CoordinatorOptions options = options; // listens on the same port, once it has one
    private bool isAnnounced;
    private long? steppedDownAt; // when it last led

    /// <summary>Ends when it is stopped, or with a store of its own when another coordinator has taken that.</summary>
    /// <exception cref="BadInputException">An option cannot be used, or the store, or the port.</exception>
    public async Task RunAsync(CancellationToken stop)
    {
        options.Check();
        using var logs = LoggerFactory.Create(logging);
        var logger = logs.CreateLogger<CoordinatorLoop>();
        var rebuilt = RunRebuild.Read(options.Rebuild, text => LogNotRebuilt(logger, text)); // before anything is set aside
        using var database = StoreSchema.Open(options);
        do
        {
            if (await WaitAsync(database, logger, stop) is not { } store)
                return;
            await RunRebuild.AddAsync(store, rebuilt, text => LogRebuilt(logger, text));
            await LeadAsync(store, logger, stop);
        }
        while (database.IsShared && !stop.IsCancellationRequested);
    }

    private async Task LeadAsync(RunStore store, ILogger logger, CancellationToken stop)
    {
        await using var app = CoordinatorHost.Build(options, store, logging, time);
        var ends = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var lost = app.Lifetime.ApplicationStopping.Register(() => ends.TrySetResult());
        await using var stopped = stop.Register(() => ends.TrySetResult());
        try
        {
            await CoordinatorHost.StartAsync(app, stop);
        }
        catch (OperationCanceledException) when (ends.Task.IsCompleted && !stop.IsCancellationRequested)
        {
            return; // another one leads by now, or the store is unavailable: it stands by again
        }
        var at = Announce(app);
        leads?.Invoke(at);
        LogLeads(logger, store.Term);
        await ends.Task;
        steppedDownAt = time.GetTimestamp();
        await app.StopAsync(CancellationToken.None);
    }

    /// <summary>Stands by until no coordinator leads.</summary>
    /// <returns>The store to lead with; null: this coordinator was stopped.</returns>
    private async Task<RunStore?> WaitAsync(IStoreDatabase database, ILogger logger, CancellationToken stop)
    {
        var watch = new LeaseWatch(options.LeaderLease);
        long began = time.GetTimestamp();
        string leader = "";
        WebApplication? standby = null;
        try
        {
            for (bool isUnavailable = false; !stop.IsCancellationRequested;)
            {
                try
                {
                    var seen = await RunStore.ReadLeaderAsync(database, stop);
                    leader = seen.Address;
                    var now = time.GetElapsedTime(began);
                    bool mayLead = watch.IsOver(seen, now) || seen.Holder == holder || !database.IsShared;
                    var gap = watch.SinceHeartbeat(now);
                    if (mayLead && await RunStore.TryLeadAsync(database, seen, holder, gap, SinceStepDown(seen)) is { } store)
                        return store;
                    isUnavailable = false;
                }
                catch (Exception failed) when (database.IsUnavailable(failed))
                {
                    if (!isUnavailable)
                        LogUnavailable(logger, database.Name, StoreSchema.Reason(failed));
                    (isUnavailable, leader) = (true, "");
                }
                if (standby is null)
                {
                    standby = await StandbyHost.StartAsync(options, () => leader, logging, time, stop);
                    Announce(standby);
                    LogStandsBy(logger, leader == "" ? "not known" : leader, options.LeaderLease.TotalSeconds);
                }
                await Task.Delay(options.LeaderLease / 6, time, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
            return null;
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return null;
        }
        finally
        {
            if (standby is not null)
            {
                await standby.StopAsync(CancellationToken.None);
                await standby.DisposeAsync();
            }
        }
    }

    /// <summary>Null where another coordinator has led since: only then a store outage alone made this one step down.</summary>
    private TimeSpan? SinceStepDown(CoordinatorRow seen) =>
        seen.Holder == holder && steppedDownAt is { } moment ? time.GetElapsedTime(moment) : null;

    private ListeningAddresses Announce(WebApplication app)
    {
        var at = CoordinatorHost.AddressesOf(app);
        options = options with { Listen = Port(at.Grpc)!, Http = Port(at.Http), MetricsListen = Port(at.Metrics) };
        if (!isAnnounced)
            announce(at);
        isAnnounced = true;
        return at;

        static string? Port(string? address) => address is null ? null : new Uri(address).Authority;
    }

    [LoggerMessage(Level = LogLevel.Information, EventName = "RunRebuilt", Message = "{Rebuilt}.")]
    private static partial void LogRebuilt(ILogger logger, string rebuilt);

    [LoggerMessage(Level = LogLevel.Warning, EventName = "RunNotRebuilt", Message = "{Damage}")]
    private static partial void LogNotRebuilt(ILogger logger, string damage);

    [LoggerMessage(Level = LogLevel.Information, EventName = "Leads", Message = "This coordinator leads, in term {Term}.")]
    private static partial void LogLeads(ILogger logger, long term);

    [LoggerMessage(
        Level = LogLevel.Information,
        EventName = "StandsBy",
        Message = "This coordinator stands by; the leader is {Leader}. "
            + "It takes over when that one has sent no heartbeat to the store for {Lease:0.#} s."
    )]
    private static partial void LogStandsBy(ILogger logger, string leader, double lease);

    [LoggerMessage(
        Level = LogLevel.Warning,
        EventName = "StoreUnavailable",
        Message = "{Store} is unavailable ({Reason}); no coordinator can take over until "
            + "it is back. It is retried; replicas train on meanwhile."
    )]
    private static partial void LogUnavailable(ILogger logger, string store, string reason);
}
