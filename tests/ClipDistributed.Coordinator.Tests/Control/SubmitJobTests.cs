using ClipDistributed.Contracts.Control.V1;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Contracts.Spec.V1;
using ClipDistributed.Coordinator.Settings;
using ClipDistributed.Coordinator.Tests.Scripted;
using ClipDistributed.Data.Samples;
using ClipDistributed.TestKit.ParquetFiles;
using Grpc.Core;

namespace ClipDistributed.Coordinator.Tests.Control;

public class SubmitJobTests
{
    [Fact]
    public async Task SubmitJob_BadSpec_IsRefusedOneProblemALine()
    {
        await using var coordinator = await TestCoordinator.StartAsync();
        var spec = coordinator.Spec(name: "Demo!", min: 3, max: 2);
        var refused = await Assert.ThrowsAsync<RpcException>(() => coordinator.SubmitAsync(spec));
        Assert.Equal(StatusCode.InvalidArgument, refused.StatusCode);
        Assert.Equal(
            ["name is 'Demo!'; use lower-case letters, digits and dashes, at most 63.", "replicas.min is 3, above replicas.max 2."],
            refused.Status.Detail.Split('\n')
        );
    }

    [Fact]
    public async Task SubmitJob_RelativePaths_AreRefused()
    {
        await using var coordinator = await TestCoordinator.StartAsync();
        var spec = coordinator.Spec();
        (spec.RunDirectory, spec.Data.Train[0].Path) = ("", "shards");
        var refused = await Assert.ThrowsAsync<RpcException>(() => coordinator.SubmitAsync(spec));
        Assert.Equal(
            [
                "run_directory is ''; use an absolute path, as every host sees it.",
                "data.train[0].path is 'shards'; use an absolute path, as every host sees it.",
            ],
            refused.Status.Detail.Split('\n')
        );
    }

    [Fact]
    public async Task SubmitJob_ShardsThatLie_AreRefusedAndTheCoordinatorLivesOn()
    {
        await using var coordinator = await TestCoordinator.StartAsync();
        using var folder = new TemporaryFolder();
        var schema = new ThriftNode.Sequence(Enumerable.Range(0, 20_000).Select(i => new ThriftNode.Record((3, 1), (4, $"g{i}"), (5, 1))));
        byte[] footer = new ThriftNode.Record((1, 1), (2, schema), (3, 0L), (4, new ThriftNode.Sequence())).ToBytes();
        File.WriteAllBytes(folder.File("deep.parquet"), [.. "PAR1"u8, .. footer, .. BitConverter.GetBytes(footer.Length), .. "PAR1"u8]);
        for (int seed = 0; seed < 20; seed++)
            File.WriteAllBytes(folder.File($"{seed}.parquet"), LyingParquet.Make(seed));
        var lying = coordinator.Spec();
        lying.Data.Train[0].Path = folder.Path;
        var refused = await Assert.ThrowsAsync<RpcException>(() => coordinator.SubmitAsync(lying));
        Assert.Equal(StatusCode.InvalidArgument, refused.StatusCode);
        lying.Data.Train[0].Path = folder.File("deep.parquet");
        Assert.Contains(
            "nested deeper",
            (await Assert.ThrowsAsync<RpcException>(() => coordinator.SubmitAsync(lying))).Status.Detail,
            StringComparison.Ordinal
        );
        await coordinator.SubmitAsync(coordinator.Spec());
    }

    /// <summary>The run directory may be another user's, and the coordinator root's.</summary>
    [Theory]
    [InlineData("spec.yaml")]
    [InlineData("spec.yaml.tmp")] // temporary names of former versions
    [InlineData("manifest.json")]
    [InlineData("manifest.json.partial")]
    [InlineData("open_clip_config.json")]
    [InlineData("open_clip_config.json.tmp")]
    [InlineData("tokenizer.json")]
    [InlineData("run.json.tmp")]
    [InlineData(".lock")]
    [InlineData(".writer")]
    public async Task SubmitJob_LinkPlantedInTheRunDirectory_NothingIsWrittenThroughIt(string name)
    {
        await using var coordinator = await TestCoordinator.StartAsync();
        var spec = coordinator.Spec();
        using var elsewhere = new TemporaryFolder();
        Directory.CreateDirectory(spec.RunDirectory);
        File.WriteAllText(elsewhere.File("passwd"), "not yours");
        File.CreateSymbolicLink(Path.Combine(spec.RunDirectory, name), elsewhere.File("passwd"));
        if (name.EndsWith(".tmp", StringComparison.Ordinal) || name.EndsWith(".partial", StringComparison.Ordinal))
        {
            await coordinator.SubmitAsync(spec);
        }
        else
        {
            var refused = await Assert.ThrowsAsync<RpcException>(() => coordinator.SubmitAsync(spec));
            Assert.Contains(
                name is ".lock" or ".writer" ? "is a symbolic link" : $"holds {name}, but no run",
                refused.Status.Detail,
                StringComparison.Ordinal
            );
        }
        Assert.Equal("not yours", File.ReadAllText(elsewhere.File("passwd")));
    }

    public static TheoryData<string, Action<TrainingSpec>> Refusals => new()
    {
        { "a NUL in the run directory", spec => spec.RunDirectory += "\0" },
        { "a NUL in a path", spec => spec.Data.Train[0].Path = "/da\0ta" },
        { "a NUL in the name", spec => spec.Name = "de\0mo" },
        { "an unknown loss", spec => spec.Loss = (Loss)99 },
        { "no data", spec => spec.Data.Train[0].Path = "/none/at/all" },
        { "more replicas than rows", spec => (spec.Replicas.Min, spec.Replicas.Max) = (9, 9) },
        { "a tokenizer that is missing", spec => spec.Model.Tokenizer = "/none/tokenizer.json" },
    };

    [Theory, MemberData(nameof(Refusals))]
    public async Task SubmitJob_Refused_LeavesNoDirectory(string what, Action<TrainingSpec> change)
    {
        await using var coordinator = await TestCoordinator.StartAsync();
        using var folder = new TemporaryFolder();
        var spec = coordinator.Spec();
        spec.RunDirectory = folder.File("runs/deep/demo");
        change(spec);
        var refused = await Assert.ThrowsAsync<RpcException>(() => coordinator.SubmitAsync(spec));
        Assert.Equal((what, StatusCode.InvalidArgument), (what, refused.StatusCode));
        Assert.Empty(Directory.GetFileSystemEntries(folder.Path));
    }

    [Fact]
    public async Task SubmitJob_RefusedInAFolderOfOthers_LeavesTheirFiles()
    {
        await using var coordinator = await TestCoordinator.StartAsync();
        var spec = coordinator.Spec();
        spec.Model.Tokenizer = "/none/tokenizer.json";
        Directory.CreateDirectory(spec.RunDirectory);
        File.WriteAllText(Path.Combine(spec.RunDirectory, "notes.txt"), "mine");
        await Assert.ThrowsAsync<RpcException>(() => coordinator.SubmitAsync(spec));
        Assert.Equal(["notes.txt"], Directory.GetFileSystemEntries(spec.RunDirectory).Select(Path.GetFileName));
    }

    /// <summary>The vocabulary of so many captions takes seconds; nothing of it is wanted any more once its client has left.</summary>
    [Fact]
    public async Task SubmitJob_ClientLeaves_TheDirectoryIsFreeAtOnce()
    {
        await using var coordinator = await TestCoordinator.StartAsync();
        using var folder = new TemporaryFolder();
        await using (var writer = new ParquetShardWriter(folder.Path, "rows", rowsPerShard: 400_000, rowsPerGroup: 400_000))
        {
            string[] words = [.. Enumerable.Range(0, 40_000).Select(i => $"word{i * 7919:x}")];
            for (int row = 0; row < 40_000; row++)
                await writer.AddAsync([1], string.Join(' ', Enumerable.Range(row, 40).Select(i => words[i * 31 % words.Length])));
        }
        var slow = coordinator.Spec(run: "same");
        slow.Data.Train[0].Path = folder.Path;
        slow.Data.ShuffleBlock = 1;
        slow.Model = new ModelSpec { Preset = "ViT-B-32" };
        using var leaves = new CancellationTokenSource();
        var first = coordinator.Control.SubmitJobAsync(new SubmitJobRequest { Spec = slow }, cancellationToken: leaves.Token).ResponseAsync;
        while (!File.Exists(Path.Combine(slow.RunDirectory, "manifest.json")))
            Assert.NotSame(first, await Task.WhenAny(first, Task.Delay(5, TestContext.Current.CancellationToken)));

        await leaves.CancelAsync();
        Assert.Equal("demo-1", await coordinator.SubmitAsync(coordinator.Spec(run: "same")));
        Assert.Equal(StatusCode.Cancelled, (await Assert.ThrowsAsync<RpcException>(() => first)).StatusCode);
    }

    [Fact]
    public async Task SubmitJob_DiskIsFull_SaysSoAndLeavesNoDirectory()
    {
        await using var coordinator = await TestCoordinator.StartAsync();
        using var folder = new TemporaryFolder();
        using var disk = new SmallDisk(folder.File("disk"), "200k");
        disk.Fill();
        var spec = coordinator.Spec();
        spec.RunDirectory = folder.File("disk/demo");
        var refused = await Assert.ThrowsAsync<RpcException>(() => coordinator.SubmitAsync(spec));
        Assert.Contains(refused.StatusCode, (StatusCode[])[StatusCode.InvalidArgument, StatusCode.FailedPrecondition]);
        Assert.Contains("No space left on device", refused.Status.Detail, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', refused.Status.Detail);
        Assert.False(Directory.Exists(spec.RunDirectory));
    }

    [Fact]
    public async Task SubmitJob_DirectoryOfAnActiveRun_IsRefusedByName()
    {
        await using var coordinator = await TestCoordinator.StartAsync();
        string runId = await coordinator.SubmitAsync(coordinator.Spec(run: "same"));
        var refused = await Assert.ThrowsAsync<RpcException>(() =>
            coordinator.SubmitAsync(coordinator.Spec(name: "other", run: "same"), resume: true)
        );
        Assert.Equal(StatusCode.InvalidArgument, refused.StatusCode);
        Assert.Contains($"is in use by the run {runId}", refused.Status.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task SubmitJob_DirectoryOfAPausedRun_SaysWhatToDo()
    {
        await using var coordinator = await TestCoordinator.StartAsync();
        string runId = await coordinator.SubmitAsync(coordinator.Spec(run: "same"));
        await coordinator.Control.PauseRunAsync(new PauseRunRequest { RunId = runId });
        await coordinator.UntilAsync(runId, RunState.Paused);
        var refused = await Assert.ThrowsAsync<RpcException>(() => coordinator.SubmitAsync(coordinator.Spec(name: "other", run: "same")));
        Assert.Contains(
            $"{runId}, which is paused; resume it with clipd run resume {runId} and wait for it, cancel it with clipd run cancel {runId}, ",
            refused.Status.Detail,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task SubmitJob_SameNames_GetOwnJobsAndResumesDoNot()
    {
        await using var coordinator = await TestCoordinator.StartAsync();
        foreach (var (run, resume) in new[] { ("x", false), ("y", false), ("x", true) })
        {
            string runId = await coordinator.SubmitAsync(coordinator.Spec(run: run), resume);
            await coordinator.Control.CancelRunAsync(new CancelRunRequest { RunId = runId });
            await coordinator.UntilAsync(runId, RunState.Cancelled);
        }
        var jobs = (await coordinator.Control.ListJobsAsync(new ListJobsRequest())).Jobs;
        Assert.Equal(["demo", "demo-b"], jobs.Select(job => job.JobId));
        Assert.Equal(["demo-3", "demo-1"], jobs[0].RunIds);
        Assert.Equal(["demo-2"], jobs[1].RunIds);
        Assert.Equal(
            ["demo-3", "demo-1"],
            (await coordinator.Control.ListRunsAsync(new ListRunsRequest { JobId = "demo" })).Runs.Select(run => run.RunId)
        );
    }

    [Fact]
    public async Task SubmitJob_OwnerHasAsManyActiveRunsAsMayBe_IsResourceExhausted()
    {
        await using var coordinator = await TestCoordinator.StartAsync(
            options => options with { Limits = new CoordinatorLimits { ActiveRunsPerOwner = 1 } });
        string first = await coordinator.SubmitAsync(coordinator.Spec("one"));
        var refused = await Assert.ThrowsAsync<RpcException>(() => coordinator.SubmitAsync(coordinator.Spec("two")));
        Assert.Equal(StatusCode.ResourceExhausted, refused.StatusCode);
        using var channel = coordinator.Open(await coordinator.TokenAsync(Role.Operator, owner: "bob"));
        var bob = new ControlService.ControlServiceClient(channel);
        await bob.SubmitJobAsync(new SubmitJobRequest { Spec = coordinator.Spec("three") });
        await coordinator.Control.CancelRunAsync(new CancelRunRequest { RunId = first });
        await coordinator.UntilAsync(first, RunState.Cancelled);
        await coordinator.SubmitAsync(coordinator.Spec("two"));
    }
}
