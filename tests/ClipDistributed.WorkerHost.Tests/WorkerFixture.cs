using ClipDistributed.TestKit.Coordinators;
using ClipDistributed.TestKit.Processes;
using ClipDistributed.WorkerHost.Options;

namespace ClipDistributed.WorkerHost.Tests;

/// <summary>A worker that runs during a test, with replicas that a shell plays.</summary>
public abstract class WorkerFixture : IAsyncDisposable
{
    private protected readonly CancellationTokenSource stop = new();
    private protected readonly RecordedLog log = new();
    private protected readonly List<IDisposable> owned = []; // until it has ended
    private protected Task? running;

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        if (running is not null)
            await running.WaitAsync(HostCall.Patience);
        foreach (var one in owned)
            one.Dispose();
    }

    private protected WorkerOptions Options(ScriptedCoordinator coordinator, string body)
    {
        var replica = new StandInReplica(body);
        owned.Add(replica);
        return new WorkerOptions { Coordinator = coordinator.Address, ReplicaProgram = replica.Program, Gpus = [] };
    }

    private protected void Start(WorkerOptions options, CancellationToken drained = default) =>
        running = NewWorker(options).RunAsync(stop.Token, drained);

    private protected Worker NewWorker(WorkerOptions options) => new(options, TimeProvider.System, log);
}
