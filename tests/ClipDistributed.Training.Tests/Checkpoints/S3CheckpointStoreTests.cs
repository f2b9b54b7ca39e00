using System.Collections.Concurrent;
using ClipDistributed.Contracts.Checkpoints;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Contracts.Runs;
using ClipDistributed.Contracts.Spec.V1;
using ClipDistributed.Data.Checkpoints;
using ClipDistributed.TestKit.ObjectStores;
using ClipDistributed.Training.Checkpoints;
using static TorchSharp.torch;

namespace ClipDistributed.Training.Tests.Checkpoints;

/// <summary>Checkpoints that are kept in S3, while S3 and the run directory come and go.</summary>
public sealed class S3CheckpointStoreTests : IAsyncLifetime
{
    private static readonly RunAttempt[] OneAttempt = [new(1, 0, 0)];

    private readonly CheckpointRun run = new();
    private readonly ConcurrentQueue<RunRecord> told = [];
    private readonly CheckpointSchedule schedule = new(new CheckpointSpec { EverySteps = 10 }, TimeProvider.System);
    private S3Server server = null!;
    private CheckpointStore store = null!;

    private IEnumerable<CheckpointSent> Sent => told.Select(record => record.CheckpointSent).OfType<CheckpointSent>();

    private IEnumerable<RunNotice> Notices => told.Select(record => record.Notice).OfType<RunNotice>();

    public async ValueTask InitializeAsync()
    {
        server = await S3Server.StartAsync();
        store = new CheckpointStore(run.Directory, server.Checkpoints());
    }

    public async ValueTask DisposeAsync()
    {
        run.Dispose();
        await server.DisposeAsync();
    }

    [Fact]
    public void Begin_SeveralOneAfterTheOther_KeepsAsManyInS3AndTheNewestHere()
    {
        foreach (long step in new long[] { 10, 20, 30, 40 })
            Assert.Null(Write(step));
        Assert.Equal([40, 30, 20], InS3());
        Assert.Equal([40], Here());
        Assert.Equal([10, 20, 30, 40], Sent.Select(sent => sent.Step));
        Assert.Empty(Notices);
    }

    [Fact]
    public async Task Begin_WhileS3IsDown_GoesOnSaysSoAndSendsAllLater()
    {
        Assert.Null(Write(10));
        await server.StopAsync();

        foreach (long step in new long[] { 20, 30 })
        {
            schedule.IsDue(step);
            Assert.Contains("S3 does not answer (connection refused)", Assert.IsAssignableFrom<IOException>(Write(step)).Message);
            string notice = Notices.Single(notice => notice.Step == step).Text;
            Assert.Equal(
                $"The checkpoint of step {step} is in the run directory, but could not be sent (s3://{server.Bucket}/runs/demo: "
                    + $"S3 does not answer (connection refused)); training goes on and tries again "
                    + $"soon.{(step > 20 ? " It has failed 2 times in a row." : "")}",
                notice
            );
        }
        Assert.Equal([30, 20, 10], Here()); // as many as S3 would keep
        Assert.Equal(30, store.FindNewest(OneAttempt, out _)!.State.Step); // all replicas may die meanwhile
        Assert.True(schedule.IsDue(32)); // 20 and 30 have failed: one after 2 steps

        await server.StartAgainAsync();
        Assert.Null(Write(32));

        Assert.Equal([32, 30, 20], InS3());
        Assert.Equal([32], Here());
        Assert.Equal([10, 20, 30, 32], Sent.Select(sent => sent.Step));
    }

    [Fact]
    public async Task Begin_WhileS3StaysDown_SaysSoMoreAndMoreRarely()
    {
        await server.StopAsync();
        for (long step = 10; step <= 90; step += 10)
            Write(step);
        Assert.Equal([10, 20, 40, 80], Notices.Select(notice => notice.Step));
        await server.StartAgainAsync();
    }

    [Fact]
    public void Begin_UploadThatIsInterruptedForLong_GoesOnWhereItWas()
    {
        server.Refuses = request =>
            request.Method == "PUT" && request.Path.Value!.EndsWith("optimizer.safetensors", StringComparison.Ordinal);
        foreach (long step in new long[] { 10, 20, 30, 40, 50 })
            Assert.NotNull(Write(step));
        Assert.Equal([50, 40, 30, 10], Here()); // 10 is one too many, but partly sent
        server.Refuses = _ => false;
        server.Requests.Clear();

        Assert.Null(Write(60));

        Assert.DoesNotContain(
            server.Requests,
            request =>
                request.StartsWith("PUT", StringComparison.Ordinal)
                && request.Contains("step-00000010", StringComparison.Ordinal)
                && request.Contains("open_clip", StringComparison.Ordinal)
        );
        Assert.Equal([10, 40, 50, 60], Sent.Select(sent => sent.Step)); // 30 would be deleted right away
        Assert.Equal([60, 50, 40], InS3());
        Assert.Equal([60], Here());
    }

    [Fact]
    public async Task Begin_LastOneWhileS3IsDown_IsSentWhenItIsBack()
    {
        await server.StopAsync();
        using var copy = new StateCopy(run.Model, run.Optimizer);
        using var said = new ManualResetEventSlim();
        using var writer = new CheckpointWriter(store, copy, schedule, message =>
        {
            told.Enqueue(message);
            if (message.Notice is not null)
                said.Set();
        }, TimeSpan.FromMinutes(2));
        writer.Begin(Job(40, cleanStop: true), run.Model, run.Optimizer);
        Assert.True(said.Wait(TimeSpan.FromSeconds(30)));
        await server.StartAgainAsync();

        Assert.Null(writer.Wait());

        Assert.Contains("nothing comes after it, so that is tried for 2 minutes", Assert.Single(Notices).Text);
        Assert.Equal([40], InS3());
    }

    [Fact]
    public async Task Begin_LastOneWhileS3StaysDown_SaysWhereItIsAndHowItGetsThere()
    {
        await server.StopAsync();
        Assert.Contains("The checkpoint of step 40 is in the run directory, but could not be sent", Write(40, cleanStop: true)!.Message);
        Assert.False(store.Has(1, 40));
        await server.StartAgainAsync();
        Assert.Null(Write(40, cleanStop: true)); // as a resume does
        Assert.True(store.Has(1, 40));
    }

    [Fact]
    public async Task Dispose_AmidAnUpload_PublishesNothing()
    {
        using var reached = new ManualResetEventSlim();
        server.Refuses = request =>
        {
            if (request.Path.Value!.EndsWith("optimizer.safetensors", StringComparison.Ordinal))
                reached.Set();
            return reached.IsSet;
        };
        using var copy = new StateCopy(run.Model, run.Optimizer);
        using (var writer = new CheckpointWriter(store, copy, schedule, told.Enqueue, TimeSpan.FromMinutes(2)))
        {
            writer.Begin(Job(40, cleanStop: true), run.Model, run.Optimizer);
            Assert.True(reached.Wait(TimeSpan.FromSeconds(30)));
        }
        server.Refuses = _ => false;
        Assert.Empty(InS3());
        Assert.Equal([40], Here());
        Assert.DoesNotContain(await server.KeysAsync(), key => key.EndsWith(CheckpointFiles.FileName, StringComparison.Ordinal));
    }

    [Fact]
    public void Dispose_WhileS3IsSilent_DoesNotWaitForIt()
    {
        using var reached = new ManualResetEventSlim();
        using var answer = new ManualResetEventSlim();
        bool waitedInVain = false;
        server.Refuses = _ =>
        {
            reached.Set();
            waitedInVain = !answer.Wait(TimeSpan.FromSeconds(30));
            return true;
        };
        using var copy = new StateCopy(run.Model, run.Optimizer);
        using (var writer = new CheckpointWriter(store, copy, schedule, told.Enqueue, TimeSpan.Zero))
        {
            writer.Begin(Job(40), run.Model, run.Optimizer);
            Assert.True(reached.Wait(TimeSpan.FromSeconds(30)));
        }
        Assert.False(waitedInVain); // S3 has said nothing yet, and the next generation may begin
        answer.Set();
        Assert.Equal([40], Here());
    }

    [Fact]
    public void FindNewest_RunDirectoryWithoutCheckpoints_FetchesTheNewestBitForBit()
    {
        using var scope = NewDisposeScope();
        Write(10);
        Write(20);
        var saved = run.Flats().Select(flat => flat.clone()).ToList();
        run.Fill(1, 21);
        Directory.Delete(run.Directory.Checkpoints, recursive: true);

        var found = new CheckpointStore(run.Directory, server.Checkpoints()).FindNewest(OneAttempt, out var damage)!;
        CheckpointStore.Load(found, run.Model, run.Optimizer);

        Assert.Empty(damage);
        Assert.Equal((20, run.Directory.Checkpoint(1, 20)), (found.State.Step, found.Folder));
        foreach (var (expected, actual) in saved.Zip(run.Flats()))
            Golden.AssertSameBits(expected, actual, "state");
    }

    [Fact]
    public void FindNewest_DamagedHere_TakesTheSameFromS3()
    {
        Write(20);
        CheckpointRun.Damage(Path.Combine(run.Directory.Checkpoint(1, 20), "open_clip_model.safetensors"));
        Assert.Equal(20, store.FindNewest(OneAttempt, out var damage)!.State.Step);
        Assert.Contains(run.Directory.Checkpoint(1, 20), Assert.Single(damage));
        Assert.Null(CheckpointFiles.FindDamage(run.Directory.Checkpoint(1, 20)));
    }

    [Fact]
    public async Task FindNewest_DamagedObject_TakesTheOneBefore()
    {
        Write(10);
        Write(20);
        Directory.Delete(run.Directory.Checkpoints, recursive: true);
        string newest = (await server.KeysAsync()).Last(key => key.EndsWith("open_clip_model.safetensors", StringComparison.Ordinal));
        await server.DamageAsync(newest);

        var found = store.FindNewest(OneAttempt, out var damage)!;

        Assert.Equal(10, found.State.Step);
        Assert.Equal(
            $"The checkpoint s3://{server.Bucket}/runs/demo/attempt-01/step-00000020 is damaged (open_clip_model.safetensors "
                + $"does not have the hash it was written with).",
            Assert.Single(damage)
        );
        Assert.Equal([10], Here()); // nothing of the damaged one is left
    }

    [Fact]
    public void FindNewest_SecondAttempt_GoesBackAlongItsLine()
    {
        foreach (var (attempt, step) in new[] { (1, 10L), (1, 20L), (1, 30L), (2, 25L) })
        {
            run.Save(attempt, step);
            store.Upload(
                [.. Enumerable.Range(1, attempt).Select(number => new RunAttempt(number, number - 1, number == 1 ? 0 : 20))],
                3,
                told.Enqueue
            );
        }
        Directory.Delete(run.Directory.Checkpoints, recursive: true);
        RunAttempt[] attempts = [new(1, 0, 0), new(2, 1, 20)];
        Assert.Equal(25, store.FindNewest(attempts, out _)!.State.Step);
        Directory.Delete(run.Directory.Checkpoints, recursive: true);
        server.Checkpoints().Delete(server.Checkpoints().List()[0]);
        Assert.Equal(20, store.FindNewest(attempts, out _)!.State.Step); // not 30, which is another trajectory
    }

    [Fact]
    public async Task FindNewest_S3DoesNotAnswer_TakesWhatIsHereElseFails()
    {
        Write(10);
        await server.StopAsync();
        Assert.Equal(10, store.FindNewest(OneAttempt, out var notices)!.State.Step);
        Assert.Contains("S3 does not answer", Assert.Single(notices));
        Directory.Delete(run.Directory.Checkpoints, recursive: true);
        Assert.ThrowsAny<IOException>(() => store.FindNewest(OneAttempt, out _)); // never from the seed, as if nothing had been trained
        await server.StartAgainAsync();
        Assert.Equal(10, store.FindNewest(OneAttempt, out _)!.State.Step);
    }

    private IOException? Write(long step, bool cleanStop = false)
    {
        run.Fill(1, step);
        using var copy = new StateCopy(run.Model, run.Optimizer);
        using var writer = new CheckpointWriter(store, copy, schedule, told.Enqueue, TimeSpan.Zero);
        writer.Begin(Job(step, cleanStop), run.Model, run.Optimizer);
        return writer.Wait();
    }

    private CheckpointJob Job(long step, bool cleanStop = false) =>
        new(CheckpointRun.State(1, step) with { CleanStop = cleanStop }, new(), run.Directory.Tokenizer, OneAttempt, Keep: 3, () => { });

    private IEnumerable<long> InS3() =>
        server.Checkpoints().List().Where(found => server.Checkpoints().FindDamage(found) is null).Select(found => found.Step);

    private IEnumerable<long> Here() => new DiskCheckpoints(run.Directory).List().Select(found => found.Step);
}
