using ClipDistributed.Coordinator.Store.Rows;

namespace ClipDistributed.Coordinator.ActiveRuns;

/// <summary>A run is to go on from a checkpoint, as a new attempt, once it is paused.</summary>
/// <param name="Attempt">That saved the checkpoint.</param>
/// <param name="Step">The last one that is applied in it.</param>
/// <param name="Resumes">It does not stay paused after that.</param>
internal sealed record RollBack(int Attempt, long Step, bool Resumes)
{
    public static RollBack? Of(RunRow row) =>
        row.RollBackAttempt == 0 ? null : new RollBack(row.RollBackAttempt, row.RollBackStep, row.RollBackResumes);
}
