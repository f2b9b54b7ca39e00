using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Training.Loops;

namespace ClipDistributed.Training.Runs;

/// <summary>The part of a replica in writing the run down, for one generation: rank 0 writes, the others do not.</summary>
internal interface IRunWriter : ITrainDuties, IDisposable
{
    /// <param name="replicas">W of the generation that begins.</param>
    /// <param name="reason">Why it begins; empty for the first.</param>
    void Begin(int replicas, string reason);

    /// <summary>A record about this replica itself. May be called from any thread.</summary>
    void Report(RunRecord record);

    /// <summary>After the last step, or the one that the run was stopped at.</summary>
    void End(bool finished);
}
