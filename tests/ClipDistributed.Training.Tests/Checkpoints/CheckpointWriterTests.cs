using System.Collections.Concurrent;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Contracts.Runs;
using ClipDistributed.Contracts.Spec.V1;
using ClipDistributed.Data.Preparation;
using ClipDistributed.Training.Checkpoints;
using ClipDistributed.Training.Gradients;
using ClipDistributed.Training.Optimization;
using static TorchSharp.torch;

namespace ClipDistributed.Training.Tests.Checkpoints;

public sealed class CheckpointWriterTests : IDisposable
{
    private static readonly RunAttempt[] OneAttempt = [new(1, 0, 0)];
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(30);

    private readonly CheckpointRun run = new();
    private readonly StateCopy copy;
    private readonly CheckpointSchedule schedule = new(new CheckpointSpec(), TimeProvider.System);
    private readonly ConcurrentQueue<RunRecord> records = [];
    private readonly CheckpointWriter writer;

    public CheckpointWriterTests()
    {
        copy = new StateCopy(run.Model, run.Optimizer);
        writer = new CheckpointWriter(run.Store, copy, schedule, records.Enqueue, TimeSpan.Zero);
    }

    public void Dispose()
    {
        writer.Dispose();
        copy.Dispose();
        run.Dispose();
    }

    [Fact]
    public void Begin_StateThatTrainsOn_IsWrittenAsItWas()
    {
        using var scope = NewDisposeScope();
        run.Fill(1, 20);
        var expected = run.Flats().Select(flat => flat.clone()).ToList();
        using var reached = new ManualResetEventSlim();
        using var goOn = new ManualResetEventSlim();

        writer.Begin(Job(20, published: () => Pause(reached, goOn)), run.Model, run.Optimizer);
        run.Fill(1, 21); // the training thread has gone on, whatever the writing thread has come to
        Assert.True(reached.Wait(Timeout));
        Assert.True(writer.IsBusy);
        goOn.Set();
        Assert.Null(writer.Wait());

        Assert.False(writer.IsBusy);
        CheckpointStore.Load(run.Store.FindNewest(OneAttempt, out _)!, run.Model, run.Optimizer);
        foreach (var (before, after) in expected.Zip(run.Flats()))
            Golden.AssertSameBits(before, after, "state");
        var saved = Assert.Single(records).Checkpoint;
        Assert.Equal((20, run.Directory.Checkpoint(1, 20)), (saved.Step, saved.Path));
        Assert.True(saved.HeldSeconds > 0 && saved.WriteSeconds > 0);
    }

    [Fact]
    public void Begin_SeveralOneAfterTheOther_KeepsTheNewest()
    {
        foreach (long step in new long[] { 10, 20, 30 })
        {
            writer.Begin(Job(step, keep: 2), run.Model, run.Optimizer);
            Assert.Null(writer.Wait());
        }
        Assert.Equal(
            [run.Directory.Checkpoint(1, 20), run.Directory.Checkpoint(1, 30)],
            Directory.GetDirectories(run.Directory.Attempt(1)).Order()
        );
    }

    [Fact]
    public void Begin_WriteThatFails_IsReportedKeepsTheLastGoodOneAndIsDueAgain()
    {
        writer.Begin(Job(20), run.Model, run.Optimizer);
        Assert.Null(writer.Wait());
        records.Clear();
        Assert.False(schedule.IsDue(30));

        writer.Begin(Job(30) with { Tokenizer = "/nowhere/tokenizer.json" }, run.Model, run.Optimizer);

        Assert.Contains("/nowhere", Assert.IsAssignableFrom<IOException>(writer.Wait()).Message);
        var notice = Assert.Single(records).Notice;
        Assert.Contains("The checkpoint of step 30 could not be written", notice.Text);
        Assert.Contains("training goes on", notice.Text);
        Assert.Equal([run.Directory.Checkpoint(1, 20)], Directory.GetDirectories(run.Directory.Attempt(1)));
        Assert.True(schedule.IsDue(31));
        writer.Begin(Job(31), run.Model, run.Optimizer); // and what failed once may succeed the next time
        Assert.Null(writer.Wait());
        Assert.Equal(31, run.Store.FindNewest(OneAttempt, out _)!.State.Step);
    }

    [Fact]
    public void Begin_LastCheckpointWithoutRoom_WaitsUntilThereIsSome()
    {
        using var reported = new ManualResetEventSlim();
        using var patient = new CheckpointWriter(run.Store, copy, schedule, message =>
        {
            records.Enqueue(message);
            if (message.Notice is not null)
                reported.Set();
        }, TimeSpan.FromMinutes(2));
        string tokenizer = run.Directory.Tokenizer + ".late";
        patient.Begin(
            Job(30) with
            {
                State = CheckpointRun.State(1, 30) with { CleanStop = true },
                Tokenizer = tokenizer,
            },
            run.Model,
            run.Optimizer
        );
        Assert.True(reported.Wait(Timeout));
        Assert.True(patient.IsBusy);
        File.Copy(run.Directory.Tokenizer, tokenizer);

        Assert.Null(patient.Wait());

        Assert.Contains(
            "it is the last one, so it is retried for 2 minutes",
            Assert.Single(records.Select(record => record.Notice).OfType<RunNotice>()).Text,
            StringComparison.Ordinal
        );
        Assert.Equal(30, Assert.Single(records.Select(record => record.Checkpoint).OfType<CheckpointSaved>()).Step);
    }

    [Fact]
    public void Begin_LastCheckpointOfADirectoryThatAnotherWriterHolds_FailsAtOnce()
    {
        var mine = new WriterClaim("run", 1, 1);
        using var taken = RunDirectoryLock.Take(run.Directory, claim: mine);
        using var writer = new CheckpointWriter(
            new CheckpointStore(run.Directory, writeLock: taken),
            copy,
            schedule,
            records.Enqueue,
            TimeSpan.FromMinutes(2)
        );
        using var other = RunDirectoryLock.Take(run.Directory, claim: mine with { Generation = 2 });

        writer.Begin(Job(30) with { State = CheckpointRun.State(1, 30) with { CleanStop = true } }, run.Model, run.Optimizer);

        Assert.Contains("a later generation", Assert.IsAssignableFrom<IOException>(writer.Wait()).Message, StringComparison.Ordinal);
        Assert.Empty(records);
    }

    [Fact]
    public void Begin_FailureAfterwards_ReportsThatTheCheckpointIsWritten()
    {
        writer.Begin(Job(20, published: () => throw new IOException("No space left")), run.Model, run.Optimizer);
        Assert.Null(writer.Wait());
        Assert.Contains("is written, but", Assert.Single(records.Select(record => record.Notice).OfType<RunNotice>()).Text);
        Assert.Single(records.Select(record => record.Checkpoint).OfType<CheckpointSaved>());
    }

    [Fact]
    public void Begin_CopyOfAModelWithRunningStatistics_HasThem()
    {
        using var scope = NewDisposeScope();
        using var mode = no_grad();
        using var model = SampleModel.Create(SampleModel.ResNetConfig());
        model.Statistics!.Running.copy_(rand(model.Statistics.Running.shape));
        model.Statistics.Updates = 7;
        using var gradients = new GradientBuffer(model.Parameters);
        using var optimizer = new AdamW(Specs.Optimizer(), model.Parameters, gradients);
        using var taken = new StateCopy(model, optimizer);
        taken.Take(model, optimizer);
        Golden.AssertSameBits(model.Statistics.Running, taken.Parameters.Statistics!.Running, "running statistics");
        Assert.Equal(7, taken.Parameters.Statistics.Updates);
    }

    private CheckpointJob Job(long step, uint keep = 3, Action? published = null) =>
        new(
            CheckpointRun.State(1, step) with
            {
                CleanStop = false,
            },
            new(),
            run.Directory.Tokenizer,
            OneAttempt,
            keep,
            published ?? (() => { })
        );

    private static void Pause(ManualResetEventSlim reached, ManualResetEventSlim goOn)
    {
        reached.Set();
        Assert.True(goOn.Wait(Timeout));
    }
}
