using ClipDistributed.Contracts.Runs;

namespace ClipDistributed.TestKit.Simulation;

/// <summary>
/// A run directory's checkpoints and attempts, by the rules of the real ones: a checkpoint counts along the line that led to
/// the last attempt, and one writes, by a claim that gives way only to a better one or to any when its process is gone.
/// </summary>
internal sealed class SimulatedCheckpoints(string runId)
{
    private (SimulatedReplica Replica, WriterClaim Claim)? writer;
    private readonly List<(int Attempt, SimulatedState State)> published = [];
    private int readFrom; // the attempt whose checkpoint was read last
    private readonly List<(int Number, int FromAttempt, long FromStep, bool IsPlanned)> attempts = [];

    /// <summary>The step of the newest one that counts; 0: there is none.</summary>
    public long Newest => Find()?.State.Step ?? 0;

    /// <summary>The step that the last attempt began at; a group that was cut off may have come further than anybody has heard.</summary>
    public long BeganAt => attempts[^1].FromStep;

    /// <summary>All that were ever saved.</summary>
    public IReadOnlyList<(int Attempt, SimulatedState State)> Published => published;

    /// <returns>False: another one writes by a better claim.</returns>
    public bool Claim(SimulatedReplica replica, long generation)
    {
        var claim = new WriterClaim(runId, generation, replica.Number);
        if (writer is { Replica.IsAlive: true } other && other.Replica != replica && !claim.Supersedes(other.Claim))
            return false;
        writer = (replica, claim);
        return true;
    }

    /// <summary>In place of one of that attempt and step. One whose claim is over publishes nothing.</summary>
    public void Publish(SimulatedReplica by, int attempt, SimulatedState state)
    {
        if (writer?.Replica != by)
            return;
        published.RemoveAll(other => other.Attempt == attempt && other.State.Step == state.Step);
        published.Add((attempt, state));
    }

    /// <summary>The newest one, and the attempt that would begin with it.</summary>
    public (int Attempt, SimulatedState State) Read()
    {
        readFrom = Find()?.Attempt ?? 0;
        return (attempts.Count + (IsPlanned ? 0 : 1), Find()?.State ?? SimulatedState.Initial);
    }

    /// <summary>An attempt begins with what was read.</summary>
    public void Begin(int attempt, SimulatedState state)
    {
        if (attempt > attempts.Count)
            attempts.Add((attempt, state.Step == 0 ? 0 : readFrom, state.Step, false));
        else if (IsPlanned)
            attempts[^1] = attempts[^1] with { IsPlanned = false };
    }

    /// <summary>The run is rolled back: the coordinator takes the directory, so that no writer before it publishes any more.</summary>
    /// <returns>The attempt that goes on, and what it begins with.</returns>
    public (int Attempt, SimulatedState State) RollBack(int attempt, long step)
    {
        writer = null;
        if (!IsPlanned || (attempts[^1].FromAttempt, attempts[^1].FromStep) != (attempt, step))
            attempts.Add((attempts.Count + 1, attempt, step, true));
        return (attempts.Count, published.Single(found => found.Attempt == attempt && found.State.Step == step).State);
    }

    private bool IsPlanned => attempts.Count > 0 && attempts[^1].IsPlanned;

    private (int Attempt, SimulatedState State)? Find()
    {
        long newest = long.MaxValue;
        for (int number = attempts.Count; number > 0;)
        {
            var (_, from, step, _) = attempts[number - 1];
            var line = published
                .Where(found => found.Attempt == number && found.State.Step <= newest)
                .OrderByDescending(found => found.State.Step)
                .ToList();
            if (line.Count > 0)
                return line[0];
            (number, newest) = (from, Math.Min(newest, step));
        }
        return null;
    }
}
