using ClipDistributed.Contracts.Control.V1;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Contracts.Spec.V1;
using ClipDistributed.Coordinator.Tests.Scripted;
using ClipDistributed.Data.Samples;
using ClipDistributed.TestKit.ParquetFiles;
using Grpc.Core;
using Grpc.Health.V1;

namespace ClipDistributed.Coordinator.Tests.Control;

public class ControlApiTests
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
    public async Task DeleteRun_Ended_IsForgottenForGoodAndItsNameWithIt()
    {
        var first = await TestCoordinator.StartAsync();
        string runId = await first.SubmitAsync(first.Spec());
        var refused = await Assert.ThrowsAsync<RpcException>(() => DeleteAsync(first, runId));
        Assert.Equal(StatusCode.FailedPrecondition, refused.StatusCode);
        await first.Control.CancelRunAsync(new CancelRunRequest { RunId = runId });
        await first.UntilAsync(runId, RunState.Cancelled);
        string directory = await UntilDeletedAsync(first, runId);
        Assert.True(Directory.Exists(directory));
        await using var second = await first.RestartAsync();
        Assert.Equal(StatusCode.NotFound, (await Assert.ThrowsAsync<RpcException>(() => second.RunAsync(runId))).StatusCode);
        Assert.Empty((await second.Control.ListJobsAsync(new ListJobsRequest())).Jobs);
        Assert.Equal("demo-2", await second.SubmitAsync(second.Spec(run: "other")));
    }

    [Fact]
    public async Task ListRuns_States_AreThoseAskedFor()
    {
        await using var coordinator = await TestCoordinator.StartAsync();
        string ended = await coordinator.SubmitAsync(coordinator.Spec(run: "x"));
        await coordinator.Control.CancelRunAsync(new CancelRunRequest { RunId = ended });
        await coordinator.UntilAsync(ended, RunState.Cancelled);
        string waits = await coordinator.SubmitAsync(coordinator.Spec(run: "y"));
        Assert.Equal([ended], await ListAsync(RunState.Cancelled));
        Assert.Equal([waits], await ListAsync(RunState.Pending, RunState.Running));
        Assert.Equal([waits, ended], await ListAsync());
        Assert.Empty(await ListAsync(RunState.Failed));

        async Task<IEnumerable<string>> ListAsync(params RunState[] states) =>
            (await coordinator.Control.ListRunsAsync(new ListRunsRequest { States = { states } })).Runs.Select(run => run.RunId);
    }

    [Fact]
    public async Task GetRun_EndedRun_HasTheReplicasThatItHad()
    {
        var first = await TestCoordinator.StartAsync();
        var host = await first.HostAsync("a", cpus: 2);
        string runId = await first.SubmitAsync(first.Spec(min: 2, max: 2));
        var replicas = new[] { await host.StartReplicaAsync(), await host.StartReplicaAsync() };
        await Task.WhenAll(replicas.Select(replica => replica.TrainAsync(5)));
        Assert.Equal(2, (await first.UntilAsync(runId, RunState.Succeeded)).ReplicaCount);
        await using var second = await first.RestartAsync();
        Assert.Equal(2, (await second.RunAsync(runId)).ReplicaCount);
    }

    private static async Task<string> DeleteAsync(TestCoordinator coordinator, string runId) =>
        (await coordinator.Control.DeleteRunAsync(new DeleteRunRequest { RunId = runId })).RunDirectory;

    /// <summary>The loop of a run that has just ended may not be gone yet.</summary>
    private static async Task<string> UntilDeletedAsync(TestCoordinator coordinator, string runId)
    {
        while (true)
        {
            try
            {
                return await DeleteAsync(coordinator, runId);
            }
            catch (RpcException early) when (early.StatusCode == StatusCode.FailedPrecondition)
            {
                await Task.Yield();
            }
        }
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
    public async Task GetRun_UnknownId_IsNotFound()
    {
        await using var coordinator = await TestCoordinator.StartAsync();
        var unknown = await Assert.ThrowsAsync<RpcException>(() => coordinator.RunAsync("demo-9"));
        Assert.Equal(
            (StatusCode.NotFound, "there is no run demo-9; clipd run list shows all"),
            (unknown.StatusCode, unknown.Status.Detail)
        );
    }

    [Fact]
    public async Task ListHosts_ReplicaOnADevice_IsShownThere()
    {
        await using var coordinator = await TestCoordinator.StartAsync();
        var host = await coordinator.HostAsync("a", cpus: 2);
        string runId = await coordinator.SubmitAsync(coordinator.Spec());
        string replicaId = (await host.LaunchAsync()).ReplicaId;

        var shown = Assert.Single((await coordinator.Control.ListHostsAsync(new ListHostsRequest())).Hosts);
        Assert.Equal(("a", "0.1.0", 1L << 30), (shown.Name, shown.Version, shown.MemoryBytes));
        Assert.Equal(
            [("cpu:0", "a processor", replicaId, runId), ("cpu:1", "a processor", "", "")],
            shown.Devices.Select(device => (device.Device, device.Name, device.ReplicaId, device.RunId))
        );
    }

    [Fact]
    public async Task Health_StartedCoordinator_IsServing()
    {
        await using var coordinator = await TestCoordinator.StartAsync();
        var health = await new Health.HealthClient(coordinator.Channel).CheckAsync(new HealthCheckRequest());
        Assert.Equal(HealthCheckResponse.Types.ServingStatus.Serving, health.Status);
    }
}
