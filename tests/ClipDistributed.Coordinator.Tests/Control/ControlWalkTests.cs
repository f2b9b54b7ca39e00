using ClipDistributed.Contracts.Links;
using ClipDistributed.Contracts.Replica.V1;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Coordinator.Store.Backups;
using ClipDistributed.Coordinator.Tests.Control.Callers;
using ClipDistributed.Coordinator.Tests.Scripted;

namespace ClipDistributed.Coordinator.Tests.Control;

/// <summary>Every verb on a real coordinator: by clipd, by gRPC without the protos, and as JSON over HTTP.</summary>
[Collection(ProcessCollection.Name)]
public sealed class ControlWalkTests
{
    /// <summary>Processes that begin on a busy machine take seconds, in which the scripted host and replica say nothing.</summary>
    private static readonly TimeSpan Lease = TimeSpan.FromMinutes(10);

    /// <summary>TryModel needs a host with a model: TryModelTests of the cluster ask one.</summary>
    private const string AskedElsewhere = "TryModel";

    /// <summary>A verb that is added is walked too.</summary>
    private static readonly string[] Walked =
    [
        "SubmitJob", "ListJobs", "GetJob", "ListRuns", "GetRun", "WatchRun", "PauseRun", "ResumeRun", "ScaleRun", "StopRun",
        "SaveCheckpoint", "CancelRun", "DeleteRun", "ListHosts", "GetHost", "DrainHost", "QueryMetrics", "ExplainRun", "ReadLogs",
        "ListArtefacts", "ReadArtefact", "ListCheckpoints", "PinCheckpoint", "DeleteCheckpoint", "RollBackRun", "CreateToken",
        "ListTokens", "RevokeToken", "ListAuditEntries", "GetServerInfo", "BackUpStore",
    ];

    [Fact]
    public void Verbs_OfTheServices_AreAllWalked() =>
        Assert.Equal(
            Walked.Append(AskedElsewhere).Order(), Rpc.OfControl.Select(method => method.Name).Order());

    [Theory]
    [InlineData("clipd")]
    [InlineData("reflection")]
    [InlineData("rest")]
    [InlineData("npm")]
    public async Task Verbs_OnARealCoordinator_DoWhatTheySay(string way)
    {
        Assert.SkipWhen(
            way == "npm" && Environment.GetEnvironmentVariable(NodeCaller.Variable) is null,
            $"{NodeCaller.Variable} names no folder where npm has installed grpc-js-reflection-client");
        await using var coordinator = await TestCoordinator.StartAsync(options =>
            options with { Http = "127.0.0.1:0", HostTimeout = Lease, ReplicaLease = Lease, MinHangLimit = Lease });
        using IControlCaller caller = way switch
        {
            "clipd" => new ClipdCaller(coordinator.Address, coordinator.TokenFile),
            "reflection" => await ReflectionCaller.ConnectAsync(coordinator.Open()),
            "npm" => new NodeCaller(new Uri(coordinator.Address).Authority, coordinator.TokenFile),
            _ => new RestCaller(coordinator.Http()),
        };
        var host = await coordinator.HostAsync("a");
        Assert.Equal([("a", false)], await caller.HostsAsync());
        await caller.DrainAsync("a", undo: false);
        Assert.True(await caller.IsDrainedAsync("a"));
        await caller.DrainAsync("a", undo: true);
        Assert.Equal([("a", false)], await caller.HostsAsync());

        string runId = await caller.SubmitAsync(coordinator.Spec());
        Assert.Equal("demo-1", runId);
        Assert.Equal(["demo"], await caller.JobsAsync());
        Assert.Equal([runId], await caller.RunsOfAsync("demo"));
        Assert.Equal([runId], await caller.RunsAsync());
        Assert.Empty(await caller.RunsAsync("succeeded"));
        var replica = await host.StartReplicaAsync();
        await replica.GenerationAsync();
        await replica.RecordAsync(1, loss: 0.5);
        await replica.PersistedAsync();
        await replica.AppliedAsync(1);
        await coordinator.UntilAsync(runId, RunState.Running);
        Assert.Equal("running", await caller.StateAsync(runId));

        Assert.Equal([0.5], await caller.LossesAsync(runId));
        Assert.Equal(["well", "next"], await caller.ExplainAsync(runId));
        await host.LineAsync(replica.Id, "NCCL WARN a cable is loose");
        await coordinator.UntilLoggedAsync(runId);
        Assert.Equal(["NCCL WARN a cable is loose"], await caller.LogsAsync(runId));
        await File.WriteAllTextAsync(Path.Combine((await coordinator.RunAsync(runId)).RunDirectory, "report.html"), "<p>good</p>");
        Assert.Contains("report.html", await caller.ArtefactsAsync(runId));
        Assert.Equal("<p>good</p>", await caller.ReadAsync(runId, "report.html"));

        await caller.SaveCheckpointAsync(runId);
        Assert.Equal(CommandKind.Checkpoint, (await replica.CommandAsync()).Kind);
        await caller.ScaleAsync(runId, min: 1, max: 3);
        Assert.Equal(3, (await coordinator.RunAsync(runId)).MaxReplicas);
        await caller.PauseAsync(runId);
        Assert.Equal([runId], await caller.RunsAsync("pausing"));
        await caller.ResumeAsync(runId);
        Assert.Equal([runId], await caller.RunsAsync("running"));
        foreach (long step in (long[])[1, 2])
            StoredCheckpoints.Save(coordinator.Spec().RunDirectory, attempt: 1, step);
        Assert.Equal([(2, false), (1, false)], await caller.CheckpointsAsync(runId));
        await caller.PinCheckpointAsync(runId, step: 1, undo: false);
        Assert.Equal([(2, false), (1, true)], await caller.CheckpointsAsync(runId));
        await caller.PinCheckpointAsync(runId, step: 1, undo: true);
        await caller.DeleteCheckpointAsync(runId, step: 1);
        Assert.Equal([(2, false)], await caller.CheckpointsAsync(runId));
        await caller.RollBackAsync(runId, step: 2);
        Assert.Equal([runId], await caller.RunsAsync("pausing"));
        Assert.Equal([(2, true)], await caller.CheckpointsAsync(runId));

        await caller.StopAsync(runId);
        Assert.Equal(CommandKind.Stop, (await replica.CommandAsync()).Kind);
        Assert.Equal([runId], await caller.RunsAsync("stopping"));

        var watching = caller.WatchAsync(runId);
        await caller.CancelAsync(runId);
        await host.ExitedAsync(await host.KillAsync(), 137);
        Assert.Equal("cancelled", await watching.WaitAsync(Lease));
        while (!await caller.TryDeleteAsync(runId))
            await Task.Yield();
        Assert.Empty(await caller.RunsAsync());
        Assert.Empty(await caller.JobsAsync());
        Assert.Equal(
            [
                "DeleteRun", "CancelRun", "StopRun", "RollBackRun", "DeleteCheckpoint", "PinCheckpoint", "ResumeRun", "PauseRun",
                "ScaleRun", "SaveCheckpoint", "SubmitJob",
            ],
            (await caller.AuditAsync(runId)).Where(entry => entry.Target == runId).Select(entry => entry.Verb).Distinct());

        string made = await caller.CreateTokenAsync("grafana");
        string tokenId = (await caller.TokensAsync()).Single(token => token.Owner == "grafana").TokenId;
        Assert.Equal(TokenText.TryParse(made)!.Value.Id, tokenId);
        await caller.RevokeTokenAsync(tokenId);
        Assert.Equal([("RevokeToken", tokenId), ("CreateToken", tokenId)], await caller.AuditAsync(tokenId));
        Assert.Equal("sqlite", await caller.StoreAsync());
        string backup = Path.Combine(coordinator.StateDirectory, "backup", "walked");
        await File.WriteAllBytesAsync(backup, await caller.BackUpAsync());
        Assert.Equal("sqlite", BackupFile.Check(backup).Store);
    }
}
