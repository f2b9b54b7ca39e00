using System.Threading.Channels;
using ClipDistributed.Coordinator.Leading;
using ClipDistributed.Coordinator.Store;
using ClipDistributed.Coordinator.Store.Rows;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace ClipDistributed.Coordinator.Hosts;

/// <summary>
/// Persists which devices replicas reported as faulty: a later coordinator starts none on them either. Nothing waits for that; a report
/// that was not persisted costs one more replica, which reports it again.
/// </summary>
internal sealed partial class KnownFaults(
    DevicePool pool,
    RunStore runs,
    Leadership leadership,
    TimeProvider time,
    ILogger<KnownFaults> logger
) : BackgroundService
{
    private readonly DeviceFaultStore store = new(runs);
    private readonly StoreRetry retry = new(runs, time, logger);
    private readonly Channel<bool> changes = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite }
    );

    private volatile bool isUnsaved; // a save has not succeeded yet

    /// <summary>Before hosts can connect.</summary>
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        IReadOnlyList<DeviceFaultRow> rows = [];
        await retry.TryAsync("Faults of devices cannot be read", async () => rows = await store.AllAsync(), cancellationToken);
        pool.RestoreFaults(rows.Select(row =>
            new ReportedFault(new DeviceId(row.Host, row.Kind, row.DeviceIndex), Convert.ToHexString(row.Process), row.Fault)));
        pool.FaultsChanged += () => changes.Writer.TryWrite(true);
        await base.StartAsync(cancellationToken);
    }

    /// <summary>What was reported at the end is saved too, and what the store did not take before.</summary>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        try
        {
            if (changes.Reader.TryRead(out _) || isUnsaved)
                await SaveAsync();
        }
        catch (Exception failed) when (failed is TermOverException || runs.IsUnavailable(failed))
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
                isUnsaved = true;
                await retry.TryAsync("Faults of devices cannot be saved", SaveAsync, stoppingToken);
                isUnsaved = false;
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

    private Task SaveAsync() => store.ReplaceAsync(
    [
        .. pool.ReportedFaults.Select(fault => new DeviceFaultRow
        {
            Host = fault.Device.Host, Kind = fault.Device.Kind, DeviceIndex = fault.Device.Index,
            Process = Convert.FromHexString(fault.Process), Fault = fault.Fault,
        }),
    ]);

    [LoggerMessage(
        Level = LogLevel.Warning,
        EventName = "FaultsNotSaved",
        Message = "Faults of devices could not be saved at the end ({Reason}); a later coordinator may start replicas on them once more."
    )]
    private partial void LogNotSaved(string reason);
}
