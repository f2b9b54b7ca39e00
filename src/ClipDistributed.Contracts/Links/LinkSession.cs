using ClipDistributed.Contracts.Replica.V1;
using Google.Protobuf;

namespace ClipDistributed.Contracts.Links;

/// <summary>
/// What a replica remembers of its link from one call to the next: which coordinator it obeys, the commands that it received, and the
/// records that are not durable yet. Knows nothing of calls and clocks. For one thread at a time.
/// </summary>
/// <param name="secret">That the replica was started with, until it receives another.</param>
/// <param name="dataAddress">Where this replica answers on the network of the collectives; empty: no peer connects.</param>
public sealed class LinkSession(uint protocol, string runId, string replicaId, ByteString secret, string dataAddress = "")
{
    /// <summary>Records that wait to be durable; of more the oldest are forgotten here, metrics.jsonl has them.</summary>
    public const int MaxRecords = 10_000;

    private readonly List<Command> commands = []; // of the generation
    private readonly Queue<ConnectRequest> records = new(); // of the generation, that are not durable yet
    private long term;
    private long connections;
    private long generation;
    private long assigned;
    private long recorded;
    private ConnectRequest? outcome; // of the generation: a failure, or its end

    /// <summary>Of all its calls.</summary>
    public ByteString Secret { get; private set; } = secret;

    /// <summary>What is sent first on a new call: which replica this is, then what the coordinator may have missed.</summary>
    public IReadOnlyList<ConnectRequest> Connect(long appliedStep, long residentBytes)
    {
        var hello = new Hello
        {
            ProtocolVersion = protocol, RunId = runId, ReplicaId = replicaId, AppliedStep = appliedStep, ResidentBytes = residentBytes,
            Term = term, Connection = ++connections, Generation = generation, AssignedStep = assigned, DataAddress = dataAddress,
            Secret = Secret,
        };
        hello.Commands.AddRange(commands);
        ConnectRequest[] first = [new() { Hello = hello }, .. records];
        return outcome is null ? first : [.. first, outcome];
    }

    /// <summary>Numbers a message that is to be sent, and remembers what must not be lost. Also while there is no call.</summary>
    public void OnSending(ConnectRequest message)
    {
        switch (message.MessageCase)
        {
            case ConnectRequest.MessageOneofCase.Record when message.Record.Generation == generation:
                message.Record.Number = ++recorded;
                records.Enqueue(message);
                if (records.Count > MaxRecords)
                    records.Dequeue();
                break;
            case ConnectRequest.MessageOneofCase.Failure when message.Failure.Generation == generation:
            case ConnectRequest.MessageOneofCase.Ended when message.Ended.Generation == generation:
                outcome = message;
                break;
        }
    }

    /// <summary>Takes note of what a coordinator sends.</summary>
    public ResponseEffect OnResponse(ConnectResponse response)
    {
        if (response.Term < term)
            return ResponseEffect.Superseded;
        term = response.Term;
        switch (response.MessageCase)
        {
            case ConnectResponse.MessageOneofCase.StartGeneration when response.StartGeneration.Generation > generation:
                (generation, assigned, recorded, outcome) = (response.StartGeneration.Generation, 0, 0, null);
                commands.Clear();
                records.Clear();
                return ResponseEffect.Obey;
            case ConnectResponse.MessageOneofCase.Assignment when response.Assignment.Generation == generation:
                assigned = Math.Max(assigned, response.Assignment.LastStep);
                return ResponseEffect.Obey;
            case ConnectResponse.MessageOneofCase.Command
                when response.Command.Generation == generation && response.Command.Number > commands.Count:
                commands.Add(response.Command);
                return ResponseEffect.Obey;
            case ConnectResponse.MessageOneofCase.EndGeneration when response.EndGeneration.Generation == generation:
            case ConnectResponse.MessageOneofCase.Leave:
                return ResponseEffect.Obey;
            case ConnectResponse.MessageOneofCase.RenewSecret:
                Secret = response.RenewSecret.Secret;
                return ResponseEffect.Obey;
            case ConnectResponse.MessageOneofCase.RecordsPersisted when response.RecordsPersisted.Generation == generation:
                while (records.TryPeek(out var oldest) && oldest.Record.Number <= response.RecordsPersisted.Number)
                    records.Dequeue();
                return ResponseEffect.None;
            default:
                return ResponseEffect.None;
        }
    }
}
