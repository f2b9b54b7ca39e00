using ClipDistributed.Contracts.Host.V1;
using ClipDistributed.Contracts.Processes;
using ClipDistributed.Contracts.Records;
using ClipDistributed.Contracts.Replica.V1;
using ClipDistributed.Contracts.Run.V1;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Grpc.Net.Client;
using ConnectRequest = ClipDistributed.Contracts.Replica.V1.ConnectRequest;
using ConnectResponse = ClipDistributed.Contracts.Replica.V1.ConnectResponse;

namespace ClipDistributed.Coordinator.Tests.Scripted;

/// <summary>A replica without tensors: it sends what a real one would send.</summary>
internal sealed class ScriptedReplica
{
    private readonly ScriptedHost host;
    private readonly AsyncDuplexStreamingCall<ConnectRequest, ConnectResponse> call;
    private readonly Inbox<ConnectResponse> inbox;

    private long records; // of its generation

    private ScriptedReplica(ScriptedHost host, LaunchReplica launch, AsyncDuplexStreamingCall<ConnectRequest, ConnectResponse> call)
    {
        (this.host, Launch, this.call) = (host, launch, call);
        inbox = new Inbox<ConnectResponse>(call.ResponseStream);
    }

    public LaunchReplica Launch { get; }

    public string Id => Launch.ReplicaId;

    /// <summary>Set once it has come.</summary>
    public StartGeneration Generation { get; private set; } = new();

    public static async Task<ScriptedReplica> ConnectAsync(
        GrpcChannel channel,
        ScriptedHost host,
        LaunchReplica launch,
        ScriptedHello said
    )
    {
        var replica = new ScriptedReplica(host, launch, new ReplicaService.ReplicaServiceClient(channel).Connect());
        var hello = new Hello
        {
            ProtocolVersion = said.Protocol,
            RunId = launch.RunId,
            ReplicaId = launch.ReplicaId,
            AppliedStep = said.Applied,
            ResidentBytes = 1000,
            Connection = said.Connection,
            Generation = said.Generation,
            Term = said.Term,
            Secret = launch.Secret,
        };
        hello.Commands.AddRange(
            said.Commands.Select(
                (kind, index) =>
                    new Command
                    {
                        Generation = said.Generation,
                        Number = index + 1,
                        Kind = kind,
                    }
            )
        );
        await replica.SendAsync(new ConnectRequest { Hello = hello });
        return replica;
    }

    public async Task<StartGeneration> GenerationAsync()
    {
        records = 0;
        return Generation = await inbox.NextAsync(response => response.StartGeneration);
    }

    /// <summary>The same process on a new call, which breaks the one before or follows its break.</summary>
    /// <param name="channel">To the coordinator, which may be another one by now.</param>
    /// <param name="to">The host that reports about it from now on.</param>
    public async Task<ScriptedReplica> ReconnectAsync(GrpcChannel channel, ScriptedHost to, long applied, params CommandKind[] commands)
    {
        var said = new ScriptedHello(applied) { Connection = 2, Generation = Generation.Generation, Commands = commands };
        var again = await ConnectAsync(channel, to, Launch, said);
        (again.Generation, again.records) = (Generation, records);
        return again;
    }

    /// <summary>Receives another secret, shows it, and has it from now on.</summary>
    public async Task<ByteString> RenewAsync()
    {
        Launch.Secret = (await inbox.NextAsync(response => response.RenewSecret)).Secret;
        await SendAsync(new ConnectRequest { SecretRenewed = new SecretRenewed { Secret = Launch.Secret } });
        return Launch.Secret;
    }

    /// <summary>The acknowledgement of a record; those of records before it may come first, or not at all.</summary>
    public Task<RecordsPersisted> PersistedAsync(long number = 1) =>
        inbox.NextAsync(message => message.RecordsPersisted is { } persisted && persisted.Number >= number ? persisted : null);

    public Task<Assignment> AssignmentAsync() => inbox.NextAsync(response => response.Assignment);

    public Task<Command> CommandAsync() => inbox.NextAsync(response => response.Command);

    public Task<EndGeneration> EndGenerationAsync() => inbox.NextAsync(response => response.EndGeneration);

    public Task<Leave> LeaveAsync() => inbox.NextAsync(response => response.Leave);

    /// <summary>Fails as the call did.</summary>
    public Task CallAsync() => inbox.Reading.WaitAsync(TestCoordinator.Patience);

    public Task AppliedAsync(long step, StepPhase phase = StepPhase.Optimizer, long? generation = null, double busy = 0, double wait = 0) =>
        SendAsync(
            new ConnectRequest
            {
                Progress = new Progress
                {
                    Generation = generation ?? Generation.Generation,
                    Step = step,
                    Phase = phase,
                    AppliedStep = step,
                    ResidentBytes = 2000,
                    BusySeconds = busy,
                    WaitSeconds = wait,
                },
            }
        );

    public Task AttemptAsync(int attempt, long step = 0) =>
        SendAsync(new RunRecord { Started = new RunStarted { Attempt = attempt, Step = step } });

    public Task RecordAsync(long step, double loss, long? generation = null, long? number = null, double seconds = 0) =>
        SendAsync(new RunRecord { Step = new StepMetrics { Step = step, Loss = loss, Seconds = seconds } }, generation, number);

    /// <param name="flops">That the step needed.</param>
    public Task RecordAsync(long step, double seconds, double flops) => SendAsync(
        new RunRecord { Step = new StepMetrics { Step = step, Loss = 1, Seconds = seconds, Flops = flops } });

    public Task NoticeAsync(string text) => SendAsync(NoticeRecord.Of(0, text));

    public Task CheckpointAsync(long step) => SendAsync(new RunRecord { Checkpoint = new CheckpointSaved { Step = step } });

    private Task SendAsync(RunRecord record, long? generation = null, long? number = null) => SendAsync(new ConnectRequest
    {
        Record = new NumberedRecord
        {
            Generation = generation ?? Generation.Generation,
            Number = number ?? ++records,
            Record = record,
        },
    });

    public Task FailAsync(FailureKind kind, string error, long? generation = null, long applied = 0) =>
        FailAsync(new Failure { Generation = generation ?? Generation.Generation, Kind = kind, Errors = { error }, AppliedStep = applied });

    public Task FailAsync(Failure failure) => SendAsync(new ConnectRequest { Failure = failure });

    public Task EndedAsync(long applied, bool finished, long? generation = null) => SendAsync(new ConnectRequest
    {
        Ended = new Ended { Generation = generation ?? Generation.Generation, AppliedStep = applied, Finished = finished },
    });

    /// <summary>Joins the generation and does all steps that it is assigned, up to the last one of the run.</summary>
    public async Task<IReadOnlyList<Assignment>> TrainAsync(long steps)
    {
        await GenerationAsync();
        var assignments = new List<Assignment>();
        for (long done = Generation.StartStep; done < steps;)
        {
            var assignment = await AssignmentAsync();
            Assert.Equal(done + 1, assignment.FirstStep);
            assignments.Add(assignment);
            for (; done < assignment.LastStep; done++)
            {
                await AppliedAsync(done + 1);
                if (Generation.Rank == 0)
                    await RecordAsync(done + 1, loss: 4.0 / (done + 1));
            }
        }
        await EndedAsync(steps, finished: true);
        await LeaveAsync();
        await ExitAsync(ExitCodes.Done);
        return assignments;
    }

    /// <summary>The process ends cleanly; its host reports that.</summary>
    public async Task ExitAsync(int code, string text = "")
    {
        await call.RequestStream.CompleteAsync();
        await inbox.Reading.WaitAsync(TestCoordinator.Patience);
        await host.ExitedAsync(Id, code, text);
    }

    /// <summary>The process is killed; its host sees it.</summary>
    public async Task DieAsync()
    {
        await BreakLinkAsync();
        await host.ExitedAsync(Id, 137);
    }

    /// <summary>The process dies; its host has not seen it yet.</summary>
    public async Task BreakLinkAsync()
    {
        call.Dispose();
        await inbox.Reading.ContinueWith(_ => { }, TaskScheduler.Default);
    }

    private Task SendAsync(ConnectRequest message) => call.RequestStream.WriteAsync(message);
}
