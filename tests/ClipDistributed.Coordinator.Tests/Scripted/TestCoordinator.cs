using System.Globalization;
using ClipDistributed.Contracts.Control.V1;
using ClipDistributed.Contracts.Files;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Contracts.Spec.V1;
using ClipDistributed.Coordinator.Settings;
using ClipDistributed.Data.Samples;
using ClipDistributed.TestKit.Coordinators;
using Grpc.Core;
using Grpc.Net.Client;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace ClipDistributed.Coordinator.Tests.Scripted;

/// <summary>A real coordinator on a free port, data to train on, and a client. At its end no error may have been logged.</summary>
internal sealed class TestCoordinator : IAsyncDisposable
{
    /// <summary>How long anything may take before a test fails.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    public const int Rows = 40;
    public const int Batch = 8;

    private readonly TemporaryFolder folder;
    private readonly WebApplication app;
    private readonly RecordedLog log;
    private readonly Func<CoordinatorOptions, CoordinatorOptions>? change;
    private readonly List<IAsyncDisposable> guests = [];
    private bool stopped;

    private TestCoordinator(
        TemporaryFolder folder,
        WebApplication app,
        string state,
        RecordedLog log,
        Func<CoordinatorOptions, CoordinatorOptions>? change
    )
    {
        (this.folder, this.app, StateDirectory, this.log, this.change) = (folder, app, state, log, change);
        Channel = Open();
        Control = new ControlService.ControlServiceClient(Channel);
    }

    public GrpcChannel Channel { get; }

    public ControlService.ControlServiceClient Control { get; }

    public string Address => CoordinatorHost.Address(app);

    public T Service<T>()
        where T : notnull => app.Services.GetRequiredService<T>();

    /// <summary>Where it serves JSON and /metrics, where it was asked to.</summary>
    public string HttpAddress => CoordinatorHost.HttpAddress(app)!;

    /// <summary>Where it serves metrics alone, where it was asked to.</summary>
    public string MetricsAddress => CoordinatorHost.MetricsAddress(app)!;

    public string StateDirectory { get; }

    /// <summary>Of an admin.</summary>
    public string Token => TokenHandler.Local(StateDirectory);

    public string TokenFile => StateFolder.TokenIn(StateDirectory);

    /// <summary>What it warned of.</summary>
    public RecordedLog Log => log;

    public static async Task<TestCoordinator> StartAsync(Func<CoordinatorOptions, CoordinatorOptions>? change = null)
    {
        var folder = new TemporaryFolder();
        Directory.CreateDirectory(folder.File("data"));
        await using (var writer = new ParquetShardWriter(folder.File("data"), "rows", rowsPerShard: 25, rowsPerGroup: 10))
        {
            for (int row = 0; row < Rows; row++)
                await writer.AddAsync([(byte)row], string.Create(CultureInfo.InvariantCulture, $"caption {row} {row * 7919}"));
        }
        return await StartAsync(folder, change);
    }

    /// <summary>A connection of an admin.</summary>
    public GrpcChannel Open() => Open(Token);

    /// <param name="token">Null: none.</param>
    public GrpcChannel Open(string? token) => TokenHandler.Open(Address, token);

    /// <summary>A client of JSON and /metrics, as an admin.</summary>
    public HttpClient Http() => Http(Token);

    /// <param name="token">Null: none.</param>
    public HttpClient Http(string? token) => new(new TokenHandler(token)) { BaseAddress = new Uri(HttpAddress) };

    /// <summary>Makes a token.</summary>
    public async Task<string> TokenAsync(Role role, string owner = "ann", string host = "", string runId = "") =>
        (await new AdminService.AdminServiceClient(Channel).CreateTokenAsync(
            new CreateTokenRequest { Role = role, Owner = owner, Host = host, RunId = runId })).Text;

    /// <summary>Ends this coordinator and starts the next one on the same state.</summary>
    /// <param name="between">Is given the state directory, which no coordinator uses then.</param>
    public async Task<TestCoordinator> RestartAsync(Action<string>? between = null)
    {
        await StopAsync();
        between?.Invoke(StateDirectory);
        return await StartAsync(folder, change);
    }

    /// <summary>A spec that can be submitted: <paramref name="steps"/> steps of 8 rows.</summary>
    public TrainingSpec Spec(string name = "demo", uint min = 1, uint max = 1, ulong steps = 5, string? run = null) => new()
    {
        Name = name,
        Data = new DataSpec { Train = { new SourceSpec { Path = folder.File("data") } }, ShuffleBlock = 6 },
        Model = new ModelSpec { Preset = "tiny" },
        Batch = new BatchSpec { Global = Batch, Streams = 2, Micro = 4 },
        Samples = steps * Batch,
        Replicas = new ReplicasSpec { Min = min, Max = max },
        RunDirectory = folder.File(run ?? name),
    };

    public async Task<string> SubmitAsync(TrainingSpec spec, bool resume = false) =>
        (await Control.SubmitJobAsync(new SubmitJobRequest { Spec = spec, Resume = resume })).RunId;

    /// <param name="replicaId">That already runs there.</param>
    public Task<ScriptedHost> HostAsync(string name, string replicaId) => HostAsync(name, new ScriptedOffer { ReplicaIds = [replicaId] });

    public Task<ScriptedHost> HostAsync(string name, int cpus = 1, int gpus = 0) =>
        HostAsync(name, new ScriptedOffer { Cpus = cpus, Gpus = gpus });

    public async Task<ScriptedHost> HostAsync(string name, ScriptedOffer offered)
    {
        var host = await ScriptedHost.ConnectAsync(Channel, name, offered);
        guests.Add(host);
        return host;
    }

    public async Task<Run> RunAsync(string runId) => (await Control.GetRunAsync(new GetRunRequest { RunId = runId })).Run;

    public async Task<IReadOnlyList<Incident>> IncidentsAsync(string runId) =>
        (await Control.GetRunAsync(new GetRunRequest { RunId = runId })).Incidents;

    /// <summary>Waits until so many records are kept.</summary>
    public async Task UntilRecordsAsync(string runId, long count)
    {
        await foreach (var response in WatchAsync(runId))
        {
            if (response.Record?.Sequence >= count)
                return;
        }
    }

    /// <summary>The first state of a run, as its watchers receive it, that meets the condition.</summary>
    public async Task<Run> UntilAsync(string runId, Func<Run, bool> meets)
    {
        Run? last = null;
        await foreach (var response in WatchAsync(runId))
        {
            last = response.Run ?? last;
            if (response.Run is { } run && meets(run))
                return run;
        }
        throw new InvalidOperationException($"{runId} ended without it: {last}");
    }

    public Task<Run> UntilAsync(string runId, RunState state) => UntilAsync(runId, run => run.State == state);

    public async IAsyncEnumerable<WatchRunResponse> WatchAsync(string runId, long after = 0)
    {
        using var call = Control.WatchRun(
            new WatchRunRequest { RunId = runId, AfterSequence = after },
            deadline: DateTime.UtcNow + Patience
        );
        await foreach (var response in call.ResponseStream.ReadAllAsync())
            yield return response;
    }

    /// <summary>Waits until a line of a replica is kept.</summary>
    public async Task<LogEntry> UntilLoggedAsync(string runId, string text = "")
    {
        await foreach (var entry in LogsAsync(new ReadLogsRequest { RunId = runId, Text = text, Follow = true }))
            return entry;
        throw new InvalidOperationException($"{runId} ended without a line '{text}'");
    }

    public async IAsyncEnumerable<LogEntry> LogsAsync(ReadLogsRequest request)
    {
        using var call = new HistoryService.HistoryServiceClient(Channel).ReadLogs(request, deadline: DateTime.UtcNow + Patience);
        await foreach (var response in call.ResponseStream.ReadAllAsync())
            yield return response.Entry;
    }

    public async Task StopAsync()
    {
        if (stopped)
            return;
        stopped = true;
        foreach (var guest in guests)
            await guest.DisposeAsync();
        await app.StopAsync();
        await app.DisposeAsync();
        Channel.Dispose();
        Assert.Empty(log.Errors);
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        folder.Dispose();
    }

    private static async Task<TestCoordinator> StartAsync(TemporaryFolder folder, Func<CoordinatorOptions, CoordinatorOptions>? change)
    {
        var options = new CoordinatorOptions
        {
            Listen = "127.0.0.1:0",
            StateDirectory = folder.File("state"),
            JoinWindow = TimeSpan.Zero,
            HostTimeout = Patience,
            LeaveGrace = Patience,
            GenerationEndTimeout = Patience,
        };
        var log = new RecordedLog();
        options = change?.Invoke(options) ?? options;
        var app = CoordinatorHost.Build(options, log.AddTo);
        await CoordinatorHost.StartAsync(app);
        return new TestCoordinator(folder, app, options.StateDirectory, log, change);
    }
}
