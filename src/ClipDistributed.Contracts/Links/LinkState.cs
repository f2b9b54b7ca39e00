using ClipDistributed.Contracts.Replica.V1;
using Google.Protobuf;

namespace ClipDistributed.Contracts.Links;

/// <summary>
/// What a replica remembers of its link from one call to the next: whom it obeys, what it was told, and what the coordinator
/// has not kept yet. Knows nothing of calls and clocks. For one thread at a time.
/// </summary>
/// <param name="secret">That the replica was started with.</param>
/// <param name="dataAddress">Where this replica answers on the network of the collectives; empty: nobody asks.</param>
public sealed class LinkState(uint protocol, string runId, string replicaId, ByteString secret, string dataAddress = "")
{
    /// <summary>Records that wait to be kept; of more the oldest are forgotten here, metrics.jsonl has them.</summary>
    public const int MostRecords = 10_000;

    private readonly List<Command> commands = []; // of the generation
    private readonly Queue<ConnectRequest> records = new(); // of the generation, that are not kept yet
    private long term;
    private long connections;
    private long generation;
    private long assigned;
    private long recorded;
    private ConnectRequest? lastWord; // of the generation

    /// <summary>What is said first on a new call: who speaks, then what the coordinator may have missed.</summary>
    public IReadOnlyList<ConnectRequest> Connect(long appliedStep, long residentBytes)
    {
        var hello = new Hello
        {
            ProtocolVersion = protocol, RunId = runId, ReplicaId = replicaId, AppliedStep = appliedStep, ResidentBytes = residentBytes,
            Term = term, Connection = ++connections, Generation = generation, AssignedStep = assigned, DataAddress = dataAddress,
            Secret = secret,
        };
        hello.Commands.AddRange(commands);
        ConnectRequest[] first = [new() { Hello = hello }, .. records];
        return lastWord is null ? first : [.. first, lastWord];
    }

    /// <summary>Numbers what is to be said, and remembers what must not be lost. Also while there is no call.</summary>
    public void Say(ConnectRequest message)
    {
        switch (message.MessageCase)
        {
            case ConnectRequest.MessageOneofCase.Record when message.Record.Generation == generation:
                message.Record.Number = ++recorded;
                records.Enqueue(message);
                if (records.Count > MostRecords)
                    records.Dequeue();
                break;
            case ConnectRequest.MessageOneofCase.Failure when message.Failure.Generation == generation:
            case ConnectRequest.MessageOneofCase.Ended when message.Ended.Generation == generation:
                lastWord = message;
                break;
        }
    }

    /// <summary>Takes note of what a coordinator says.</summary>
    public Hearing Hear(ConnectResponse told)
    {
        if (told.Term < term)
            return Hearing.Superseded;
        term = told.Term;
        switch (told.MessageCase)
        {
            case ConnectResponse.MessageOneofCase.StartGeneration when told.StartGeneration.Generation > generation:
                (generation, assigned, recorded, lastWord) = (told.StartGeneration.Generation, 0, 0, null);
                commands.Clear();
                records.Clear();
                return Hearing.Obey;
            case ConnectResponse.MessageOneofCase.Assignment when told.Assignment.Generation == generation:
                assigned = Math.Max(assigned, told.Assignment.LastStep);
                return Hearing.Obey;
            case ConnectResponse.MessageOneofCase.Command
                when told.Command.Generation == generation && told.Command.Number > commands.Count:
                commands.Add(told.Command);
                return Hearing.Obey;
            case ConnectResponse.MessageOneofCase.EndGeneration when told.EndGeneration.Generation == generation:
            case ConnectResponse.MessageOneofCase.Leave:
                return Hearing.Obey;
            case ConnectResponse.MessageOneofCase.RecordsPersisted when told.RecordsPersisted.Generation == generation:
                while (records.TryPeek(out var oldest) && oldest.Record.Number <= told.RecordsPersisted.Number)
                    records.Dequeue();
                return Hearing.Nothing;
            default:
                return Hearing.Nothing;
        }
    }
}

/// <summary>What follows from a coordinator's word.</summary>
public enum Hearing
{
    /// <summary>It is of an older generation, was heard before, or concerns the link alone.</summary>
    Nothing,

    Obey,

    /// <summary>Another coordinator has taken over since: the call is to be given up.</summary>
    Superseded,
}
