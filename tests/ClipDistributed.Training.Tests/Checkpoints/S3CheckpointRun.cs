using System.Collections.Concurrent;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Contracts.Runs;
using ClipDistributed.Contracts.Spec.V1;
using ClipDistributed.Data.Checkpoints;
using ClipDistributed.TestKit.ObjectStores;
using ClipDistributed.Training.Checkpoints;

namespace ClipDistributed.Training.Tests.Checkpoints;

/// <summary>A <see cref="CheckpointRun"/> whose checkpoints are kept in S3, three at a time.</summary>
internal sealed class S3CheckpointRun : IAsyncDisposable
{
    public static readonly RunAttempt[] OneAttempt = [new(1, 0, 0)];

    private S3CheckpointRun(S3Server server)
    {
        Server = server;
        Store = new CheckpointStore(State.Directory, server.Checkpoints());
    }

    public static async Task<S3CheckpointRun> StartAsync() => new(await S3Server.StartAsync());

    public CheckpointRun State { get; } = new();

    public S3Server Server { get; }

    public CheckpointStore Store { get; }

    public CheckpointSchedule Schedule { get; } = new(new CheckpointSpec { EverySteps = 10 }, TimeProvider.System);

    /// <summary>Of all writers.</summary>
    public ConcurrentQueue<RunRecord> Records { get; } = [];

    public IEnumerable<CheckpointSent> Sent => Records.Select(record => record.CheckpointSent).OfType<CheckpointSent>();

    public IEnumerable<RunNotice> Notices => Records.Select(record => record.Notice).OfType<RunNotice>();

    /// <summary>Writes a checkpoint and waits for it.</summary>
    /// <returns>Why it is not in S3; null: it is.</returns>
    public IOException? Write(long step, bool cleanStop = false)
    {
        State.Fill(1, step);
        using var copy = new StateCopy(State.Model, State.Optimizer);
        using var writer = new CheckpointWriter(Store, copy, Schedule, Records.Enqueue, TimeSpan.Zero);
        writer.Begin(Job(step, cleanStop), State.Model, State.Optimizer);
        return writer.Wait();
    }

    public CheckpointJob Job(long step, bool cleanStop = false) =>
        new(CheckpointRun.State(1, step) with { CleanStop = cleanStop }, new(), State.Directory.Tokenizer, OneAttempt, Keep: 3, () => { });

    /// <summary>The steps of whole checkpoints, newest first.</summary>
    public IEnumerable<long> InS3() =>
        Server.Checkpoints().List().Where(found => Server.Checkpoints().FindDamage(found) is null).Select(found => found.Step);

    public IEnumerable<long> OnDisk() => new DiskCheckpoints(State.Directory).List().Select(found => found.Step);

    public async ValueTask DisposeAsync()
    {
        State.Dispose();
        await Server.DisposeAsync();
    }
}
