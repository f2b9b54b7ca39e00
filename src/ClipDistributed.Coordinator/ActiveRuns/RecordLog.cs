using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Coordinator.Store.Rows;
using ClipDistributed.Coordinator.Store;
using Google.Protobuf;

namespace ClipDistributed.Coordinator.ActiveRuns;

/// <summary>Numbers a run's records in the order of their arrival, and holds them until they are saved.</summary>
/// <param name="last">The sequence number of the last one that is saved.</param>
/// <param name="others">How many of replicas are kept at most, steps not counted.</param>
internal sealed class RecordLog(string runId, RunNews news, TimeProvider time, long last, int others)
{
    private long last = last;

    /// <summary>Records were left out.</summary>
    public bool IsFull { get; set; }

    /// <summary>One that is no step can be added.</summary>
    /// <param name="steps">So many of those that were added are steps.</param>
    public bool HasRoom(long steps) => last - steps < others;

    /// <param name="replicaId">Its sender; empty: the coordinator.</param>
    /// <param name="number">Of the record, as the replica counts it.</param>
    public void Add(RunRecord record, long generation, string replicaId = "", long number = 0) => news.Records.Add(new RecordRow
    {
        RunId = runId,
        Sequence = ++last,
        Time = time.GetUtcNow().UtcDateTime,
        Record = record.ToByteArray(),
        ReplicaId = replicaId,
        Generation = generation,
        Number = number,
    });
}
