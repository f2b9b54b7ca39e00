using ClipDistributed.Contracts.Checkpoints;
using ClipDistributed.Contracts.Runs;
using ClipDistributed.Training.Checkpoints;

namespace ClipDistributed.Training.Tests.Checkpoints;

/// <summary>Checkpoints are sent to S3, which becomes unavailable, refuses and returns.</summary>
public sealed class S3CheckpointWriterTests : IAsyncLifetime
{
    private S3CheckpointRun run = null!;

    public async ValueTask InitializeAsync() => run = await S3CheckpointRun.StartAsync();

    public ValueTask DisposeAsync() => run.DisposeAsync();

    [Fact]
    public void Begin_SeveralOneAfterTheOther_KeepsAsManyInS3AndTheNewestOnDisk()
    {
        foreach (long step in new long[] { 10, 20, 30, 40 })
            Assert.Null(run.Write(step));
        Assert.Equal([40, 30, 20], run.InS3());
        Assert.Equal([40], run.OnDisk());
        Assert.Equal([10, 20, 30, 40], run.Sent.Select(sent => sent.Step));
        Assert.Empty(run.Notices);
    }

    [Fact]
    public async Task Begin_WhileS3IsDown_ReportsItAndSendsAllLater()
    {
        Assert.Null(run.Write(10));
        await run.Server.StopAsync();

        foreach (long step in new long[] { 20, 30 })
        {
            run.Schedule.IsDue(step);
            Assert.Contains("S3 does not answer (connection refused)", Assert.IsAssignableFrom<IOException>(run.Write(step)).Message);
            string notice = run.Notices.Single(notice => notice.Step == step).Text;
            Assert.Equal(
                $"The checkpoint of step {step} is in the run directory, but could not be sent (s3://{run.Server.Bucket}/runs/demo: "
                    + $"S3 does not answer (connection refused)); training goes on and retries "
                    + $"soon.{(step > 20 ? " It has failed 2 times in a row." : "")}",
                notice
            );
        }
        Assert.Equal([30, 20, 10], run.OnDisk()); // as many as S3 would keep
        Assert.Equal(30, run.Store.FindNewest(S3CheckpointRun.OneAttempt, out _)!.State.Step); // all replicas may die meanwhile
        Assert.True(run.Schedule.IsDue(32)); // 20 and 30 have failed: one after 2 steps

        await run.Server.StartAgainAsync();
        Assert.Null(run.Write(32));

        Assert.Equal([32, 30, 20], run.InS3());
        Assert.Equal([32], run.OnDisk());
        Assert.Equal([10, 20, 30, 32], run.Sent.Select(sent => sent.Step));
    }

    [Fact]
    public async Task Begin_WhileS3StaysDown_ReportsItMoreAndMoreRarely()
    {
        await run.Server.StopAsync();
        for (long step = 10; step <= 90; step += 10)
            run.Write(step);
        Assert.Equal([10, 20, 40, 80], run.Notices.Select(notice => notice.Step));
        await run.Server.StartAgainAsync();
    }

    [Fact]
    public void Begin_UploadThatIsInterruptedForLong_GoesOnWhereItWas()
    {
        run.Server.Refuses = request =>
            request.Method == "PUT" && request.Path.Value!.EndsWith("optimizer.safetensors", StringComparison.Ordinal);
        foreach (long step in new long[] { 10, 20, 30, 40, 50 })
            Assert.NotNull(run.Write(step));
        Assert.Equal([50, 40, 30, 10], run.OnDisk()); // 10 is more than are kept, but partly sent
        run.Server.Refuses = _ => false;
        run.Server.Requests.Clear();

        Assert.Null(run.Write(60));

        Assert.DoesNotContain(
            run.Server.Requests,
            request =>
                request.StartsWith("PUT", StringComparison.Ordinal)
                && request.Contains("step-00000010", StringComparison.Ordinal)
                && request.Contains("open_clip", StringComparison.Ordinal)
        );
        Assert.Equal([10, 40, 50, 60], run.Sent.Select(sent => sent.Step)); // 30 would be deleted at once
        Assert.Equal([60, 50, 40], run.InS3());
        Assert.Equal([60], run.OnDisk());
    }

    [Fact]
    public async Task Begin_LastOneWhileS3IsDown_IsSentWhenItIsBack()
    {
        await run.Server.StopAsync();
        using var copy = new StateCopy(run.State.Model, run.State.Optimizer);
        using var reported = new ManualResetEventSlim();
        using var writer = new CheckpointWriter(run.Store, copy, run.Schedule, message =>
        {
            run.Records.Enqueue(message);
            if (message.Notice is not null)
                reported.Set();
        }, TimeSpan.FromMinutes(2));
        writer.Begin(run.Job(40, cleanStop: true), run.State.Model, run.State.Optimizer);
        Assert.True(reported.Wait(TimeSpan.FromSeconds(30)));
        await run.Server.StartAgainAsync();

        Assert.Null(writer.Wait());

        Assert.Contains("it is the last one, so it is retried for 2 minutes", Assert.Single(run.Notices).Text);
        Assert.Equal([40], run.InS3());
    }

    [Fact]
    public async Task Begin_LastOneWhileS3StaysDown_ReportsWhereItIsAndIsSentByAResume()
    {
        await run.Server.StopAsync();
        Assert.Contains("is in the run directory, but could not be sent", run.Write(40, cleanStop: true)!.Message);
        Assert.False(run.Store.Has(1, 40));
        await run.Server.StartAgainAsync();
        Assert.Null(run.Write(40, cleanStop: true)); // as a resume does
        Assert.True(run.Store.Has(1, 40));
    }

    [Fact]
    public async Task Dispose_AmidAnUpload_PublishesNothing()
    {
        using var reached = new ManualResetEventSlim();
        run.Server.Refuses = request =>
        {
            if (request.Path.Value!.EndsWith("optimizer.safetensors", StringComparison.Ordinal))
                reached.Set();
            return reached.IsSet;
        };
        using var copy = new StateCopy(run.State.Model, run.State.Optimizer);
        using (var writer = new CheckpointWriter(run.Store, copy, run.Schedule, run.Records.Enqueue, TimeSpan.FromMinutes(2)))
        {
            writer.Begin(run.Job(40, cleanStop: true), run.State.Model, run.State.Optimizer);
            Assert.True(reached.Wait(TimeSpan.FromSeconds(30)));
        }
        run.Server.Refuses = _ => false;
        Assert.Empty(run.InS3());
        Assert.Equal([40], run.OnDisk());
        Assert.DoesNotContain(await run.Server.KeysAsync(), key => key.EndsWith(CheckpointFiles.FileName, StringComparison.Ordinal));
    }

    [Fact]
    public void Dispose_WhileS3DoesNotAnswer_DoesNotWaitForIt()
    {
        using var reached = new ManualResetEventSlim();
        using var answer = new ManualResetEventSlim();
        bool waitedInVain = false;
        run.Server.Refuses = _ =>
        {
            reached.Set();
            waitedInVain = !answer.Wait(TimeSpan.FromSeconds(30));
            return true;
        };
        using var copy = new StateCopy(run.State.Model, run.State.Optimizer);
        using (var writer = new CheckpointWriter(run.Store, copy, run.Schedule, run.Records.Enqueue, TimeSpan.Zero))
        {
            writer.Begin(run.Job(40), run.State.Model, run.State.Optimizer);
            Assert.True(reached.Wait(TimeSpan.FromSeconds(30)));
        }
        Assert.False(waitedInVain); // S3 has not answered yet, and the next generation may begin
        answer.Set();
        Assert.Equal([40], run.OnDisk());
    }
}
