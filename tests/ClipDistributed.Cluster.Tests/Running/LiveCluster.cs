using ClipDistributed.Contracts.Control.V1;
using ClipDistributed.Contracts.Files;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Contracts.Runs;
using ClipDistributed.Contracts.Spec.V1;
using ClipDistributed.Contracts.Tls;
using ClipDistributed.Coordinator;
using ClipDistributed.Coordinator.Settings;
using ClipDistributed.TestKit.Coordinators;
using ClipDistributed.WorkerHost;
using ClipDistributed.WorkerHost.Options;
using Grpc.Core;
using Grpc.Net.Client;
using Microsoft.AspNetCore.Builder;

namespace ClipDistributed.Cluster.Tests.Running;

/// <summary>
/// A coordinator and worker hosts in this process, with real replica processes and real connections. At its end no error
/// may have been logged, and no replica may be left.
/// </summary>
internal sealed partial class LiveCluster : IAsyncDisposable
{
    /// <summary>How long anything may take before a test fails; a busy machine is slow.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    /// <summary>As the build made it.</summary>
    public static string ReplicaProgram { get; } = RepositoryFolder.File("bin", "clipd-replica");

    private readonly DirectoryInfo state;
    private readonly IAsyncDisposable[] coordinators;
    private readonly TlsFiles tls;
    private GrpcChannel channel;
    private readonly Dictionary<string, (CancellationTokenSource Stop, Task Running)> hosts = [];

    /// <param name="address">Of all coordinators.</param>
    private LiveCluster(DirectoryInfo state, string address, ClusterLog log, TlsFiles tls, params IAsyncDisposable[] coordinators)
    {
        (this.state, this.coordinators, this.tls, Address, Log) = (state, coordinators, tls, address, log);
        channel = Open(address.Split(',')[0]);
        Control = new ControlService.ControlServiceClient(channel);
    }

    public ClusterLog Log { get; }

    /// <summary>Of the first coordinator, or of the one that was named last.</summary>
    public ControlService.ControlServiceClient Control { get; private set; }

    public CheckpointService.CheckpointServiceClient Checkpoints => new(channel);

    public string Address { get; }

    /// <summary>Of an admin.</summary>
    public string TokenFile => StateFolder.TokenIn(state.FullName);

    /// <summary>Where it was started as one.</summary>
    public CoordinatorProcess Coordinator => (CoordinatorProcess)coordinators[0];

    /// <summary>Where there are two.</summary>
    public CoordinatorProcess Standby => (CoordinatorProcess)coordinators[1];

    /// <summary>A connection of an admin.</summary>
    public GrpcChannel Open(string? address = null) =>
        TokenHandler.Open(address ?? Address, TokenHandler.Local(state.FullName), tls);

    /// <summary>Calls go there from now on.</summary>
    public LiveCluster Ask(CoordinatorProcess leader)
    {
        channel.Dispose();
        channel = Open(leader.Address);
        Control = new ControlService.ControlServiceClient(channel);
        return this;
    }

    private static async Task<LiveCluster> WithHostsAsync(LiveCluster cluster, int[] hosts)
    {
        for (int i = 0; i < hosts.Length; i++)
            await cluster.AddHostAsync($"{(char)('a' + i)}", hosts[i]);
        return cluster;
    }

    /// <summary>Returns when the coordinator knows it.</summary>
    /// <param name="program">Instead of clipd-replica.</param>
    public async Task AddHostAsync(string name, int slots, string? program = null)
    {
        var options = new WorkerOptions
        {
            Coordinator = Address,
            TokenFile = TokenFile,
            Tls = tls,
            Name = name,
            Slots = slots,
            ThreadsPerSlot = 1,
            Gpus = [],
            ReplicaProgram = program ?? ReplicaProgram,
        };
        var stop = new CancellationTokenSource();
        hosts.Add(name, (stop, new Worker(options, TimeProvider.System, Log.For<Worker>(name)).RunAsync(stop.Token)));
        await Log.WaitAsync("HostJoined", ("HostId", name));
    }

    /// <summary>Ends a host in good order, as SIGTERM does; its replicas are killed.</summary>
    public async Task StopHostAsync(string name)
    {
        var (stop, running) = hosts[name];
        hosts.Remove(name);
        await stop.CancelAsync();
        await running.WaitAsync(Patience);
        stop.Dispose();
    }

    public async Task<string> SubmitAsync(TrainingSpec spec, uint replicas, bool resume = false)
    {
        (spec.Replicas.Min, spec.Replicas.Max) = (1, replicas);
        try
        {
            return (await Control.SubmitJobAsync(new SubmitJobRequest { Spec = spec, Resume = resume })).RunId;
        }
        catch (RpcException bug) when (bug.StatusCode == StatusCode.Internal)
        {
            throw new InvalidOperationException($"the coordinator failed:\n{Log.Text}", bug);
        }
    }

    /// <summary>Submits a run, lets its faults strike, and waits for its end.</summary>
    public async Task<Run> RunAsync(TrainingSpec spec, uint replicas, bool resume = false, FaultPlan? faults = null)
    {
        string runId = await SubmitAsync(spec, replicas, resume);
        return await FinishAsync(runId, new RunDirectory(spec.RunDirectory), faults);
    }

    public async Task<Run> FinishAsync(string runId, RunDirectory directory, FaultPlan? faults = null)
    {
        using var over = new CancellationTokenSource();
        var striking = faults is null ? Task.CompletedTask : faults.StrikeAsync(this, runId, directory, over.Token);
        await foreach (var _ in WatchAsync(runId))
        {
            // Only its end matters here.
        }
        await over.CancelAsync();
        await striking;
        Assert.True(faults?.IsDone ?? true, $"{runId} ended before its faults struck");
        return await StateAsync(runId);
    }

    /// <summary>Waits for a run's end, through restarts and changes of the coordinator.</summary>
    public async Task<Run> EndAsync(string runId)
    {
        using var patience = new CancellationTokenSource(Patience);
        while (true)
        {
            try
            {
                await foreach (var _ in WatchAsync(runId))
                {
                    // Only its end matters here.
                }
                var run = await StateAsync(runId);
                if (run.Ended is not null)
                    return run;
            }
            catch (RpcException failed) when (failed.StatusCode is StatusCode.Unavailable or StatusCode.Cancelled or StatusCode.Internal)
            {
                await Task.Delay(100, patience.Token);
            }
        }
    }

    /// <summary>Waits until a step is recorded.</summary>
    public static async Task UntilStepAsync(RunDirectory directory, long step)
    {
        using var patience = new CancellationTokenSource(Patience);
        using var tail = new StepTail(directory);
        while (tail.Last() < step)
            await tail.ChangedAsync(patience.Token);
    }

    public async Task<Run> StateAsync(string runId) => (await Control.GetRunAsync(new GetRunRequest { RunId = runId })).Run;

    /// <summary>All messages about a run, from its beginning to its end.</summary>
    public async IAsyncEnumerable<WatchRunResponse> WatchAsync(string runId)
    {
        using var call = Control.WatchRun(new WatchRunRequest { RunId = runId }, deadline: DateTime.UtcNow + Patience);
        await foreach (var message in call.ResponseStream.ReadAllAsync())
            yield return message;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (string name in hosts.Keys.ToList())
            await StopHostAsync(name);
        channel.Dispose();
        foreach (var coordinator in coordinators)
        {
            if (coordinator is WebApplication app)
                await app.StopAsync();
            await coordinator.DisposeAsync();
        }
        state.Delete(recursive: true);
        AssertNoReplicas();
        Assert.True(Log.Errors.Count == 0, $"errors were logged:\n{string.Join('\n', Log.Errors)}\n\nall that was logged:\n{Log.Text}");
    }

    /// <summary>Of all replica processes that were ever started here none is left.</summary>
    public void AssertNoReplicas() =>
        Assert.Empty(
            Log.Processes.Where(replica => Directory.Exists($"/proc/{replica.Value}")).Select(replica => $"{replica.Key} still runs")
        );
}
