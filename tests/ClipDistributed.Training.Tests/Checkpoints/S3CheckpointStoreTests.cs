using ClipDistributed.Contracts.Checkpoints;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Contracts.Runs;
using ClipDistributed.Training.Checkpoints;
using static TorchSharp.torch;

namespace ClipDistributed.Training.Tests.Checkpoints;

/// <summary>Checkpoints are found and fetched from S3, while S3 and the run directory become unavailable and return.</summary>
public sealed class S3CheckpointStoreTests : IAsyncLifetime
{
    private S3CheckpointRun run = null!;

    public async ValueTask InitializeAsync() => run = await S3CheckpointRun.StartAsync();

    public ValueTask DisposeAsync() => run.DisposeAsync();

    [Fact]
    public void FindNewest_RunDirectoryWithoutCheckpoints_FetchesTheNewestBitForBit()
    {
        using var scope = NewDisposeScope();
        run.Write(10);
        run.Write(20);
        var saved = run.State.Flats().Select(flat => flat.clone()).ToList();
        run.State.Fill(1, 21);
        Directory.Delete(run.State.Directory.Checkpoints, recursive: true);

        var store = new CheckpointStore(run.State.Directory, run.Server.Checkpoints());
        var found = store.FindNewest(S3CheckpointRun.OneAttempt, out var damage)!;
        CheckpointStore.Load(found, run.State.Model, run.State.Optimizer);

        Assert.Empty(damage);
        Assert.Equal((20, run.State.Directory.Checkpoint(1, 20)), (found.State.Step, found.Folder));
        foreach (var (expected, actual) in saved.Zip(run.State.Flats()))
            Golden.AssertSameBits(expected, actual, "state");
    }

    [Fact]
    public void FindNewest_DamagedOnDisk_TakesTheSameFromS3()
    {
        run.Write(20);
        CheckpointRun.Damage(Path.Combine(run.State.Directory.Checkpoint(1, 20), "open_clip_model.safetensors"));
        Assert.Equal(20, run.Store.FindNewest(S3CheckpointRun.OneAttempt, out var damage)!.State.Step);
        Assert.Contains(run.State.Directory.Checkpoint(1, 20), Assert.Single(damage));
        Assert.Null(CheckpointFiles.FindDamage(run.State.Directory.Checkpoint(1, 20)));
    }

    [Fact]
    public async Task FindNewest_DamagedObject_TakesTheOneBefore()
    {
        run.Write(10);
        run.Write(20);
        Directory.Delete(run.State.Directory.Checkpoints, recursive: true);
        string newest = (await run.Server.KeysAsync()).Last(key => key.EndsWith("open_clip_model.safetensors", StringComparison.Ordinal));
        await run.Server.DamageAsync(newest);

        var found = run.Store.FindNewest(S3CheckpointRun.OneAttempt, out var damage)!;

        Assert.Equal(10, found.State.Step);
        Assert.Equal(
            $"The checkpoint s3://{run.Server.Bucket}/runs/demo/attempt-01/step-00000020 is damaged (open_clip_model.safetensors "
                + $"does not have the hash it was written with).",
            Assert.Single(damage)
        );
        Assert.Equal([10], run.OnDisk()); // nothing of the damaged one is left
    }

    [Fact]
    public void FindNewest_SecondAttempt_GoesBackAlongItsLineage()
    {
        foreach (var (attempt, step) in new[] { (1, 10L), (1, 20L), (1, 30L), (2, 25L) })
        {
            run.State.Save(attempt, step);
            run.Store.Upload(
                [.. Enumerable.Range(1, attempt).Select(number => new RunAttempt(number, number - 1, number == 1 ? 0 : 20))],
                3,
                run.Records.Enqueue
            );
        }
        Directory.Delete(run.State.Directory.Checkpoints, recursive: true);
        RunAttempt[] attempts = [new(1, 0, 0), new(2, 1, 20)];
        Assert.Equal(25, run.Store.FindNewest(attempts, out _)!.State.Step);
        Directory.Delete(run.State.Directory.Checkpoints, recursive: true);
        run.Server.Checkpoints().Delete(run.Server.Checkpoints().List()[0]);
        Assert.Equal(20, run.Store.FindNewest(attempts, out _)!.State.Step); // not 30, which is another trajectory
    }

    [Fact]
    public async Task FindNewest_S3DoesNotAnswer_TakesTheOneOnDiskElseFails()
    {
        run.Write(10);
        await run.Server.StopAsync();
        Assert.Equal(10, run.Store.FindNewest(S3CheckpointRun.OneAttempt, out var notices)!.State.Step);
        Assert.Contains("S3 does not answer", Assert.Single(notices));
        Directory.Delete(run.State.Directory.Checkpoints, recursive: true);
        // Never from the seed, as if the run had not begun.
        Assert.ThrowsAny<IOException>(() => run.Store.FindNewest(S3CheckpointRun.OneAttempt, out _));
        await run.Server.StartAgainAsync();
        Assert.Equal(10, run.Store.FindNewest(S3CheckpointRun.OneAttempt, out _)!.State.Step);
    }
}
