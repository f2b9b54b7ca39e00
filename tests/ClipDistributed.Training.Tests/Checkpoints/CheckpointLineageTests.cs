using ClipDistributed.Contracts.Runs;
using ClipDistributed.Training.Checkpoints;

namespace ClipDistributed.Training.Tests.Checkpoints;

/// <summary>An attempt may only go back along the line that led to it: later steps of an abandoned line are another trajectory.</summary>
public sealed class CheckpointLineageTests : IDisposable
{
    private readonly CheckpointRun run = new();

    public void Dispose() => run.Dispose();

    [Fact]
    public void FindNewest_SecondAttemptDamaged_GoesBackToWhereItBegan()
    {
        Save((1, 10), (1, 20), (1, 30), (1, 40));
        Damage(run.Save(2, 25));

        Assert.Equal((1, 20), Newest(new(1, 0, 0), new(2, 1, 20)));
        Damage(run.Directory.Checkpoint(1, 20));
        Assert.Equal((1, 10), Newest(new(1, 0, 0), new(2, 1, 20)));
    }

    [Fact]
    public void FindNewest_SecondAttemptSound_IsTakenAlthoughTheFirstWentFurther()
    {
        Save((1, 20), (1, 40), (2, 25));
        Assert.Equal((2, 25), Newest(new(1, 0, 0), new(2, 1, 20)));
    }

    [Fact]
    public void FindNewest_ThirdAttemptFromTheFirst_DoesNotUseTheSecond()
    {
        Save((1, 5), (1, 10), (1, 20), (2, 8));
        Assert.Equal((1, 10), Newest(new(1, 0, 0), new(2, 1, 5), new(3, 1, 10)));
    }

    [Fact]
    public void FindNewest_ChainOfAttempts_GoesBackOneByOne()
    {
        Save((1, 10), (1, 20), (1, 25), (2, 40));
        // The third began at step 30 of the second, which began at step 20 of the first.
        Assert.Equal((1, 20), Newest(new(1, 0, 0), new(2, 1, 20), new(3, 2, 30)));
    }

    [Fact]
    public void FindNewest_AttemptFromFreshWeights_HasNoLineBehindIt()
    {
        Save((1, 10));
        Assert.Null(Newest(new(1, 0, 0), new(2, 0, 0)));
    }

    private void Save(params (int Attempt, long Step)[] checkpoints)
    {
        foreach (var (attempt, step) in checkpoints)
            run.Save(attempt, step);
    }

    private static void Damage(string folder) => CheckpointRun.Damage(Path.Combine(folder, "optimizer.safetensors"));

    private (int Attempt, long Step)? Newest(params RunAttempt[] attempts) =>
        Find(attempts) is { } found ? (found.State.Attempt, found.State.Step) : null;

    private FoundCheckpoint? Find(params RunAttempt[] attempts) => run.Store.FindNewest(attempts, out _);
}
