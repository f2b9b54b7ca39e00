using ClipDistributed.Contracts.Run.V1;

namespace ClipDistributed.Training.Runs;

/// <summary>The part of a replica that is not rank 0: what all hold in common is written by another.</summary>
/// <param name="report">Receives what concerns this replica itself.</param>
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
