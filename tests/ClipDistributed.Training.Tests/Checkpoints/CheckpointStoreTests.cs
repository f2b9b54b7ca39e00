using ClipDistributed.Contracts.Checkpoints;
using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Runs;
using ClipDistributed.Model.Folders;
using ClipDistributed.Training.Checkpoints;
using ClipDistributed.Training.Gradients;
using ClipDistributed.Training.Optimization;
using TorchSharp;
using static TorchSharp.torch;

namespace ClipDistributed.Training.Tests.Checkpoints;

public sealed class CheckpointStoreTests : IDisposable
{
    private static readonly RunAttempt[] OneAttempt = [new(1, 0, 0)];

    private readonly CheckpointRun run = new();

    public void Dispose() => run.Dispose();

    [Fact]
    public void Load_SavedCheckpoint_HasTheSameBitsAndState()
    {
        using var scope = NewDisposeScope();
        string folder = run.Save(1, 20);
        var saved = run.Flats().Select(flat => flat.clone()).ToList();
        run.Fill(1, 21);

        var found = run.Store.FindNewest(OneAttempt, out var damage)!;
        CheckpointStore.Load(found, run.Model, run.Optimizer);

        Assert.Empty(damage);
        Assert.Equal(folder, found.Folder);
        Assert.Equal(CheckpointRun.State(1, 20), found.State);
        foreach (var (expected, actual) in saved.Zip(run.Flats()))
            Golden.AssertSameBits(expected, actual, "state");
        Assert.Equal([0.25, 0.5, 0.75], ModelFolder.ReadConfig(folder).PreprocessCfg.Mean); // a model folder that opens as it is
    }

    [Fact]
    public void FindNewest_SeveralCheckpoints_TakesTheHighestStep()
    {
        foreach (long step in new long[] { 9, 100, 20 })
            run.Save(1, step);
        Assert.Equal(100, run.Store.FindNewest(OneAttempt, out _)!.State.Step);
    }

    [Fact]
    public void FindNewest_NothingSaved_IsNull()
    {
        Assert.Null(run.Store.FindNewest([], out var damage));
        Assert.Null(run.Store.FindNewest(OneAttempt, out damage));
        Assert.Empty(damage);
    }

    [Fact]
    public void Save_WholeCheckpoint_HasTheFilesWhoseDamageIsTested() =>
        Assert.Equal(
            Files.Append(CheckpointFiles.FileName).Order(),
            Directory.EnumerateFiles(run.Save(1, 20)).Select(Path.GetFileName).Order()
        );

    public static TheoryData<string> EveryFile => [.. Files, CheckpointFiles.FileName];

    private static string[] Files =>
        ["open_clip_config.json", "open_clip_model.safetensors", "optimizer.safetensors", "tokenizer.json", "state.json"];

    [Theory]
    [MemberData(nameof(EveryFile))]
    public void FindNewest_OneBitChanged_NamesTheFileAndTakesTheOneBefore(string file)
    {
        run.Save(1, 20);
        string newest = run.Save(1, 30);
        CheckpointRun.Damage(Path.Combine(newest, file));

        var found = run.Store.FindNewest(OneAttempt, out var damage)!;

        Assert.Equal(20, found.State.Step);
        Assert.Contains(newest, Assert.Single(damage));
        // A list with a changed bit accuses the file whose line changed, or is not JSON any more.
        Assert.Contains(file == CheckpointFiles.FileName ? "" : file, damage[0]);
    }

    [Theory]
    [MemberData(nameof(EveryFile))]
    public void FindNewest_OneFileMissing_TakesTheOneBefore(string file)
    {
        run.Save(1, 20);
        string newest = run.Save(1, 30);
        File.Delete(Path.Combine(newest, file));

        Assert.Equal(20, run.Store.FindNewest(OneAttempt, out var damage)!.State.Step);
        Assert.Contains($"{file} is missing", Assert.Single(damage));
    }

    [Fact]
    public void FindNewest_OneFileTruncated_ReportsItsLength()
    {
        string folder = run.Save(1, 20);
        string weights = Path.Combine(folder, ModelFolder.WeightsFileName);
        long length = new FileInfo(weights).Length;
        using (var stream = File.OpenWrite(weights))
            stream.SetLength(length - 1);

        Assert.Null(run.Store.FindNewest(OneAttempt, out var damage));
        Assert.Contains($"{ModelFolder.WeightsFileName} has {length - 1} bytes instead of {length}", Assert.Single(damage));
    }

    [Fact]
    public void FindNewest_AllDamaged_IsNullAndNamesEach()
    {
        foreach (long step in new long[] { 10, 20, 30 })
            CheckpointRun.Damage(Path.Combine(run.Save(1, step), "state.json"));
        Assert.Null(run.Store.FindNewest(OneAttempt, out var damage));
        Assert.Equal(
            ["step-00000030", "step-00000020", "step-00000010"],
            damage.Select(line => line.Split('/', ' ').Single(part => part.StartsWith("step-", StringComparison.Ordinal)))
        );
    }

    [Fact]
    public void Save_WriteThatFails_LeavesTheNewestCheckpointAsItWas()
    {
        run.Save(1, 20);
        Assert.ThrowsAny<IOException>(() =>
            run.Save(CheckpointRun.State(1, 30), run.Optimizer, tokenizer: run.Directory.Root + "/none.json")
        );

        // nothing half written takes room
        Assert.Equal([run.Directory.Checkpoint(1, 20)], Directory.EnumerateDirectories(run.Directory.Attempt(1)));
        Assert.Equal(20, run.Store.FindNewest(OneAttempt, out var damage)!.State.Step);
        Assert.Empty(damage); // what an interrupted write left is not a checkpoint, not a damaged one
    }

    [Fact]
    public void Save_LinkAmongTheCheckpoints_DeletesNothingBehindIt()
    {
        using var elsewhere = new TemporaryFolder();
        Directory.CreateDirectory(elsewhere.File(".tmp-of-others"));
        Directory.CreateDirectory(run.Directory.Checkpoints);
        Directory.CreateSymbolicLink(Path.Combine(run.Directory.Checkpoints, "link"), elsewhere.Path);
        run.Save(1, 10);
        Assert.True(Directory.Exists(elsewhere.File(".tmp-of-others")));
    }

    [Fact]
    public void Save_AfterAnInterruptedWrite_RemovesWhatItLeft()
    {
        run.Save(1, 10);
        string leftOver = Path.Combine(run.Directory.Attempt(1), ".tmp-step-00000030-of-a-dead-writer");
        Directory.CreateDirectory(leftOver);
        File.Copy(
            Path.Combine(run.Directory.Checkpoint(1, 10), CheckpointFiles.FileName),
            Path.Combine(leftOver, CheckpointFiles.FileName)
        );
        Assert.Equal(10, run.Store.FindNewest(OneAttempt, out var damage)!.State.Step); // no checkpoint, whatever it holds
        Assert.Empty(damage);

        run.Save(2, 30);

        Assert.Equal([run.Directory.Checkpoint(1, 10)], Directory.EnumerateDirectories(run.Directory.Attempt(1)));
    }

    [Fact]
    public void Save_Cancelled_LeavesNothingBehind()
    {
        run.Save(1, 20);
        using var cancelled = new CancellationTokenSource();
        cancelled.Cancel();
        Assert.Throws<OperationCanceledException>(() => run.Save(CheckpointRun.State(1, 30), run.Optimizer, cancel: cancelled.Token));
        Assert.Equal([run.Directory.Checkpoint(1, 20)], Directory.EnumerateDirectories(run.Directory.Attempt(1)));
    }

    [Fact]
    public void Save_OverADamagedOneOfTheSameStep_ReplacesIt()
    {
        CheckpointRun.Damage(Path.Combine(run.Save(1, 20), "state.json"));
        run.Save(1, 20);
        Assert.NotNull(run.Store.FindNewest(OneAttempt, out var damage));
        Assert.Empty(damage);
    }

    [Fact]
    public void Load_StateOfAnotherOptimizer_IsRefused()
    {
        string folder = run.Save(1, 20);
        using var gradients = new GradientBuffer(run.Model.Parameters);
        using var sgd = new Sgd(Specs.Optimizer(), run.Model.Parameters, gradients);
        run.Save(CheckpointRun.State(1, 21), sgd);
        var found = run.Store.FindNewest(OneAttempt, out _)!;
        Assert.Equal(21, found.State.Step);

        var refused = Assert.Throws<BadInputException>(() => CheckpointStore.Load(found, run.Model, run.Optimizer));
        Assert.Contains("exp_avg.logit_scale", refused.Message);
        Assert.Contains("optimizer.safetensors", refused.Message);
    }
}
