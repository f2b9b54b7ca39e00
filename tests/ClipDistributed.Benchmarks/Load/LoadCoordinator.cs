using ClipDistributed.Contracts.Control.V1;
using ClipDistributed.Contracts.Spec.V1;
using ClipDistributed.Data.Samples;
using ClipDistributed.TestKit.Coordinators;
using ClipDistributed.TestKit.Files;
using ClipDistributed.TestKit.Logs;
using Grpc.Health.V1;
using Grpc.Net.Client;
using Microsoft.Extensions.Logging;

namespace ClipDistributed.Benchmarks.Load;

/// <summary>A coordinator as a user starts it, and jobs for it.</summary>
internal sealed class LoadCoordinator : IDisposable
{
    private const int Rows = 20_000, RowsPerReplica = 4;

    private readonly TemporaryFolder folder;
    private readonly GrpcChannel channel;
    private readonly Health.HealthClient health;
    private int cutOff;
    private volatile bool isOver;

    private LoadCoordinator(TemporaryFolder folder, string clipd)
    {
        this.folder = folder;
        State = folder.File("state");
        Process = LoadProcess.Start(
            clipd,
            [
                "coordinator", "--listen", "127.0.0.1:0", "--http", "127.0.0.1:0", "--state", State, "--log-format", "json",
                "--exit-with-parent",
            ],
            OnLine);
        Address = Process.LineAsync("coordinator: ", TimeSpan.FromMinutes(1)).GetAwaiter().GetResult();
        channel = TokenHandler.Open(Address, Token);
        Control = new ControlService.ControlServiceClient(channel);
        health = new Health.HealthClient(channel);
    }

    public LoadProcess Process { get; }

    public string Address { get; }

    public string State { get; }

    public string Token => TokenHandler.Local(State);

    public ControlService.ControlServiceClient Control { get; }

    /// <summary>Watchers that it has cut off.</summary>
    public int CutOff => Volatile.Read(ref cutOff);

    /// <param name="folder">Disposed with it.</param>
    public static async Task<LoadCoordinator> StartAsync(string clipd, TemporaryFolder folder)
    {
        await using (var writer = new ParquetShardWriter(Directory.CreateDirectory(folder.File("data")).FullName, "rows", 2_500, 500))
        {
            for (int row = 0; row < Rows; row++)
                await writer.AddAsync([(byte)row], $"caption {row}");
        }
        return new LoadCoordinator(folder, clipd);
    }

    /// <summary>A run that needs so many replicas and does not end by itself.</summary>
    public async Task<string> SubmitAsync(int number, int replicas)
    {
        string name = $"load{number}";
        uint batch = (uint)(replicas * RowsPerReplica);
        var spec = new TrainingSpec
        {
            Name = name,
            Data = new DataSpec { Train = { new SourceSpec { Path = folder.File("data") } } },
            Model = new ModelSpec { Preset = "tiny" },
            Batch = new BatchSpec { Global = batch, Streams = 2, Micro = RowsPerReplica },
            Samples = batch * 1_000_000UL,
            Replicas = new ReplicasSpec { Min = (uint)replicas, Max = (uint)replicas },
            RunDirectory = folder.File(name),
        };
        return (await Control.SubmitJobAsync(new SubmitJobRequest { Spec = spec })).RunId;
    }

    public Task CheckHealthAsync() => health.CheckAsync(new HealthCheckRequest()).ResponseAsync;

    /// <summary>What it warns of from now on is the end of the measurement.</summary>
    public void StopShowing() => isOver = true;

    public void Dispose()
    {
        channel.Dispose();
        Process.Dispose();
        folder.Dispose();
    }

    private void OnLine(string line)
    {
        var logged = LoggedEvent.Parse(line);
        if (logged.Name == "WatcherCutOff")
            Interlocked.Increment(ref cutOff);
        else if (logged.Level >= LogLevel.Warning && !isOver)
            Console.Error.WriteLine($"coordinator: {line}");
    }
}
