using ClipDistributed.Contracts.Host.V1;
using ClipDistributed.Contracts.Processes;
using ClipDistributed.Contracts.Records;
using ClipDistributed.Contracts.Replica.V1;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.TestKit.Coordinators;
using Grpc.Core;
using Grpc.Net.Client;
using ConnectRequest = ClipDistributed.Contracts.Replica.V1.ConnectRequest;
using ConnectResponse = ClipDistributed.Contracts.Replica.V1.ConnectResponse;

namespace ClipDistributed.Benchmarks.Load;

/// <summary>A replica without tensors that applies a step a second and reports it, as a process of its own would.</summary>
internal sealed class LoadReplica : IDisposable
{
    // A run with a past: more than the buffers on the way to a watcher that never reads.
    private const int Notices = 40, NoticeLength = 16_000;

    private static readonly TimeSpan Period = TimeSpan.FromSeconds(1);

    private static long reports;

    private readonly LaunchReplica launch;
    private readonly GrpcChannel channel;
    private readonly AsyncDuplexStreamingCall<ConnectRequest, ConnectResponse> call;
    private readonly TaskCompletionSource<StartGeneration> joined = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long assigned; // the last step
    private long records;

    private LoadReplica(string address, LaunchReplica launch)
    {
        (this.launch, channel) = (launch, TokenHandler.Open(address, token: null));
        call = new ReplicaService.ReplicaServiceClient(channel).Connect();
    }

    /// <param name="onJoined">It is a member of a generation.</param>
    public static async Task RunAsync(string address, LaunchReplica launch, Action onJoined, CancellationToken cancel)
    {
        using var replica = new LoadReplica(address, launch);
        var receiving = replica.ReceiveAsync();
        await replica.SendAsync(new ConnectRequest
        {
            Hello = new Hello
            {
                ProtocolVersion = Protocol.Version, RunId = launch.RunId, ReplicaId = launch.ReplicaId, Connection = 1,
                AppliedStep = launch.Restore ? 0 : -1, ResidentBytes = 1 << 30, Secret = launch.Secret,
            },
        });
        await await Task.WhenAny(receiving, replica.ReportAsync(onJoined, cancel));
    }

    /// <summary>Of all replicas of this process since the last call.</summary>
    public static long TakeCount() => Interlocked.Exchange(ref reports, 0);

    public void Dispose()
    {
        call.Dispose();
        channel.Dispose();
    }

    private async Task ReceiveAsync()
    {
        await foreach (var message in call.ResponseStream.ReadAllAsync())
        {
            if (message.StartGeneration is { } start)
                joined.SetResult(start); // a second one would be a failure of this measurement: nothing breaks a generation here
            else if (message.Assignment is { } assignment)
                Interlocked.Exchange(ref assigned, assignment.LastStep);
            else if (message.EndGeneration is not null || message.Leave is not null)
                throw new InvalidOperationException($"{launch.ReplicaId} is to leave: {message}");
        }
        throw new InvalidOperationException($"The link of {launch.ReplicaId} was ended.");
    }

    private async Task ReportAsync(Action onJoined, CancellationToken cancel)
    {
        var generation = await joined.Task.WaitAsync(cancel);
        for (int number = 1; generation.Rank == 0 && number <= Notices; number++)
            await RecordAsync(generation.Generation, NoticeRecord.Of(0, new string('x', NoticeLength)));
        onJoined();
        await Task.Delay(TimeSpan.FromMilliseconds(Random.Shared.Next((int)Period.TotalMilliseconds)), cancel); // not all at once
        using var timer = new PeriodicTimer(Period);
        long step = generation.StartStep;
        while (await timer.WaitForNextTickAsync(cancel))
        {
            step = Math.Min(step + 1, Interlocked.Read(ref assigned));
            await SendAsync(new ConnectRequest
            {
                Progress = new Progress
                {
                    Generation = generation.Generation, Step = step, AppliedStep = step, Phase = StepPhase.Optimizer,
                    ResidentBytes = (1 << 30) + step, BusySeconds = 0.9,
                },
            });
            Interlocked.Increment(ref reports);
            if (generation.Rank == 0)
                await RecordAsync(generation.Generation, new RunRecord { Step = Metrics(step) });
        }
    }

    private static StepMetrics Metrics(long step) => new()
    {
        Step = step, Samples = step * 1_000, Loss = StepClock.Now, LogitScale = 14.3, Lr = 1e-3, GradNorm = 0.7, Seconds = 1,
        SamplesPerSecond = 1_000, Applied = true, PlanDigest = $"{step:x16}", ContentDigest = $"{step:x16}",
        Split = new StepSplit { Data = 0.1, Forward = 0.3, Wait = 0.1, Gather = 0.1, Loss = 0.1, Backward = 0.3 },
        Pipeline = new PipelineWaits { Reading = 0.1, Decoding = 0.2, Step = 0.7 },
    };

    private Task RecordAsync(long generation, RunRecord record) => SendAsync(new ConnectRequest
    {
        Record = new NumberedRecord { Generation = generation, Number = ++records, Record = record },
    });

    private Task SendAsync(ConnectRequest message) => call.RequestStream.WriteAsync(message);
}
