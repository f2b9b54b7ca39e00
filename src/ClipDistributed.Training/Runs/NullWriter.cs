using ClipDistributed.Contracts.Run.V1;

namespace ClipDistributed.Training.Runs;

/// <summary>Of a replica that is not rank 0: rank 0 writes what all hold in common.</summary>
/// <param name="report">Receives records about this replica itself.</param>
internal sealed class NullWriter(Action<RunRecord> report) : IRunWriter
{
    public void Begin(int replicas, string reason)
    {
    }

    public void Report(RunRecord record) => report(record);

    public void Record(RunRecord record)
    {
    }

    public void Evaluate(long step, Action<int> entering)
    {
    }

    public bool HasCheckpoint(long step) => true;

    public bool IsCheckpointDue(long step) => false;

    public void SaveCheckpoint(long step, bool cleanStop)
    {
    }

    public void End(bool finished)
    {
    }

    public void Dispose()
    {
    }
}
