using ClipDistributed.Contracts.Records;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Contracts.Runs;

namespace ClipDistributed.Cluster.Tests.Running;

/// <summary>The last step that a run has recorded, known as soon as it is written.</summary>
internal sealed class StepTail : IDisposable
{
    private readonly string metrics;
    private readonly FileSystemWatcher watcher;
    private readonly SemaphoreSlim changed = new(0);

    public StepTail(RunDirectory directory)
    {
        metrics = directory.Metrics;
        watcher = new FileSystemWatcher(directory.Root, Path.GetFileName(metrics));
        watcher.Changed += (_, _) => changed.Release();
        watcher.Created += (_, _) => changed.Release();
        watcher.EnableRaisingEvents = true;
    }

    /// <summary>0: none.</summary>
    public long Last()
    {
        if (!File.Exists(metrics))
            return 0;
        // No lock: the run may rewrite the file at any time.
        using var reader = new StreamReader(
            new FileStream(metrics, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete)
        );
        return reader.ReadToEnd().Split('\n')
            .Select(line => RunRecordJson.TryParse(line)?.Step).OfType<StepMetrics>().LastOrDefault()?.Step ?? 0;
    }

    /// <summary>Waits until the file was written since the last wait.</summary>
    public Task ChangedAsync(CancellationToken cancel) => changed.WaitAsync(cancel);

    public void Dispose()
    {
        watcher.Dispose();
        changed.Dispose();
    }
}
