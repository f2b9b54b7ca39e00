using ClipDistributed.Coordinator.Leading;
using ClipDistributed.Coordinator.Settings;
using ClipDistributed.Coordinator.Store;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace ClipDistributed.Coordinator.Replicas;

/// <summary>Gives replicas new secrets over their links, durable before they are sent: a later coordinator knows them.</summary>
internal sealed class SecretRenewals(
    ReplicaTable replicas, RunStore store, CoordinatorOptions options, Leadership leadership, TimeProvider time,
    ILogger<SecretRenewals> logger) : BackgroundService
{
    private const int MaxBatch = 500;

    private static readonly TimeSpan MaxPeriod = TimeSpan.FromSeconds(10);

    private readonly ReplicaSecretStore secrets = new(store);
    private readonly StoreRetry retry = new(store, time, logger);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var period = options.SecretLifetime / 20;
        using var timer = new PeriodicTimer(period < MaxPeriod ? period : MaxPeriod, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                foreach (var batch in replicas.Renewals().Chunk(MaxBatch))
                {
                    await retry.TryAsync("Secrets of replicas are not renewed", () => secrets.SaveAsync(batch), stoppingToken);
                    foreach (var renewal in batch)
                        replicas.Offer(renewal);
                }
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // A later coordinator knows both secrets of each replica.
        }
        catch (TermOverException followed)
        {
            leadership.Lose(followed.Message);
        }
    }
}
