using ClipDistributed.Contracts.Runs;
using ClipDistributed.Data.Checkpoints;

namespace ClipDistributed.Training.Tests.Checkpoints;

public sealed class CheckpointPruneTests : IDisposable
{
    private static readonly RunAttempt[] OneAttempt = [new(1, 0, 0)];

    private readonly CheckpointRun run = new();

    public void Dispose() => run.Dispose();

    [Theory]
    [InlineData(1u, new long[] { 100 })]
    [InlineData(2u, new long[] { 30, 100 })]
    [InlineData(4u, new long[] { 9, 20, 30, 100 })]
    [InlineData(9u, new long[] { 9, 20, 30, 100 })]
    public void Prune_MoreThanKept_LeavesTheNewest(uint keep, long[] left)
    {
        foreach (long step in new long[] { 100, 9, 30, 20 })
            run.Save(1, step);
        run.Store.Prune(OneAttempt, keep);
        Assert.Equal(left, Steps(1));
    }

    [Fact]
    public void Prune_AfterARestart_CountsAlongTheLineThatLedThere()
    {
        foreach (long step in new long[] { 10, 20, 40 })
            run.Save(1, step);
        run.Save(2, 30);
        run.Store.Prune([new(1, 0, 0), new(2, 1, 20)], 2);
        Assert.Equal([30], Steps(2));
        Assert.Equal([20, 40], Steps(1)); // 10 is one too many; 40 belongs to the line that was left, which others may look at
    }

    [Fact]
    public void Prune_TheNewestIsDamaged_KeepsTheLastGoodOne()
    {
        run.Save(1, 10);
        run.Save(1, 20);
        CheckpointRun.Damage(Path.Combine(run.Save(1, 30), "open_clip_model.safetensors"));
        run.Store.Prune(OneAttempt, 1);
        Assert.Equal(20, run.Store.FindNewest([new RunAttempt(1, 0, 0)], out _)!.State.Step);
    }

    [Fact]
    public void Prune_Pinned_IsNeitherRemovedNorCountedAgainstTheNewest()
    {
        foreach (long step in new long[] { 10, 20, 30, 40 })
            run.Save(1, step);
        var disk = new DiskCheckpoints(run.Directory);
        disk.Pin(disk.List().Single(found => found.Step == 10), isPinned: true);
        run.Store.Prune(OneAttempt, 2);
        Assert.Equal([10, 30, 40], Steps(1));
        Assert.Equal(10, disk.List().Single(found => found.IsPinned).Step);
        Assert.Null(disk.FindDamage(disk.List()[^1]));
        disk.Pin(disk.List()[^1], isPinned: false);
        run.Store.Prune(OneAttempt, 2);
        Assert.Equal([30, 40], Steps(1));
    }

    [Fact]
    public void Prune_KeepZero_StillKeepsTheOnlyOne()
    {
        run.Save(1, 10);
        run.Store.Prune(OneAttempt, 0);
        Assert.Equal([10], Steps(1));
    }

    private IEnumerable<long> Steps(int attempt) =>
        Directory
            .EnumerateDirectories(run.Directory.Attempt(attempt), "step-*")
            .Select(path => long.Parse(Path.GetFileName(path)[5..]))
            .Order();
}
