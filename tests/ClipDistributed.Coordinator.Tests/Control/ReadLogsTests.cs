using System.Text.Json.Nodes;
using ClipDistributed.Contracts.Control.V1;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Coordinator.Tests.Scripted;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using static ClipDistributed.Contracts.Control.V1.LogEntry.Types;

namespace ClipDistributed.Coordinator.Tests.Control;

public sealed class ReadLogsTests
{
    [Fact]
    public async Task ReadLogs_HostIsGoneAndTheCoordinatorRestarted_HasWhatItsReplicaPrinted()
    {
        var before = await TestCoordinator.StartAsync();
        var host = await before.HostAsync("a");
        string runId = await before.SubmitAsync(before.Spec());
        var replica = await host.StartReplicaAsync();
        await replica.GenerationAsync();
        await before.UntilAsync(runId, run => run.Replicas.Count == 1);
        await host.LineAsync(replica.Id, "2026-01-31T08:15:30.125Z WRN first");
        await host.LineAsync(replica.Id, "  more of it");
        await before.UntilLoggedAsync(runId, "more of it"); // by a member, which has a rank
        await replica.BreakLinkAsync();
        await host.ExitedAsync(replica.Id, 134, "Aborted");
        await before.UntilLoggedAsync(runId, "SIGABRT");

        await using var coordinator = await before.RestartAsync();

        var lines = await AllAsync(coordinator, new ReadLogsRequest { RunId = runId });
        Assert.Equal(
            [("2026-01-31T08:15:30.125Z WRN first", Level.Warning), ("  more of it", Level.Warning),
                ("the process was ended by signal 6 (SIGABRT): Aborted", Level.Error)],
            lines.Select(line => (line.Text, line.Level)));
        Assert.All(lines, line => Assert.Equal((replica.Id, "a", true, 0), (line.ReplicaId, line.Host, line.HasRank, line.Rank)));
        Assert.Equal(lines.Select(line => line.Sequence).Order(), lines.Select(line => line.Sequence));
        foreach (var (request, count) in (IEnumerable<(ReadLogsRequest, int)>)
            [
                (new ReadLogsRequest { Rank = 0 }, 3), (new ReadLogsRequest { Rank = 1 }, 0),
                (new ReadLogsRequest { Host = "a" }, 3), (new ReadLogsRequest { Host = "b" }, 0),
                (new ReadLogsRequest { Level = Level.Error }, 1), (new ReadLogsRequest { Text = "FIRST" }, 1),
                (new ReadLogsRequest { Lines = 2 }, 2), (new ReadLogsRequest { AfterSequence = lines[0].Sequence }, 2),
                (new ReadLogsRequest { BeforeSequence = lines[2].Sequence }, 2),
                (new ReadLogsRequest { BeforeSequence = lines[0].Sequence }, 0),
                (new ReadLogsRequest { Since = lines[^1].Time }, lines.Count(line => line.Time.CompareTo(lines[^1].Time) >= 0)),
            ])
        {
            request.RunId = runId;
            Assert.Equal(count, (await AllAsync(coordinator, request)).Count);
        }
    }

    [Theory]
    [InlineData(-1, false)]
    [InlineData(5, true)]
    public async Task ReadLogs_BeforeThatCannotBe_IsRefused(long before, bool follow)
    {
        await using var coordinator = await TestCoordinator.StartAsync();
        string runId = await coordinator.SubmitAsync(coordinator.Spec());
        var refused = await Assert.ThrowsAsync<RpcException>(
            () => AllAsync(coordinator, new ReadLogsRequest { RunId = runId, BeforeSequence = before, Follow = follow }));
        Assert.Equal(StatusCode.InvalidArgument, refused.StatusCode);
    }

    [Fact]
    public async Task ReadLogs_Followed_EndsWithTheRun()
    {
        await using var coordinator = await TestCoordinator.StartAsync();
        var host = await coordinator.HostAsync("a");
        string runId = await coordinator.SubmitAsync(coordinator.Spec());
        var replica = await host.StartReplicaAsync();
        await host.LineAsync(replica.Id, "before");
        await coordinator.UntilLoggedAsync(runId);
        var following = AllAsync(coordinator, new ReadLogsRequest { RunId = runId, Follow = true });
        await host.LineAsync(replica.Id, "after");
        await coordinator.UntilLoggedAsync(runId, "after");
        await replica.TrainAsync(5);
        await coordinator.UntilAsync(runId, RunState.Succeeded);

        Assert.Equal(
            ["before", "after", "the process exited with code 0"],
            (await following.WaitAsync(TestCoordinator.Patience)).Select(line => line.Text));
    }

    [Fact]
    public async Task ReadLogs_LineOfAnotherHostsReplica_IsNotAmongThem()
    {
        await using var coordinator = await TestCoordinator.StartAsync();
        var (a, b) = (await coordinator.HostAsync("a"), await coordinator.HostAsync("b"));
        string runId = await coordinator.SubmitAsync(coordinator.Spec());
        var launch = await a.LaunchAsync();
        await b.LineAsync(launch.ReplicaId, "forged");
        await b.LineAsync($"{runId}-r7", "forged too: there is no such replica");
        await b.LineAsync("../../etc/x-r1", "forged too");
        await b.ExitedAsync($"{runId}-r7", 1, "forged too");
        await b.HeartbeatAsync();
        await a.LineAsync(launch.ReplicaId, "real");
        await coordinator.UntilLoggedAsync(runId, "real");
        Assert.Equal(["real"], (await AllAsync(coordinator, new ReadLogsRequest { RunId = runId })).Select(line => line.Text));
    }

    [Fact]
    public async Task ReadLogs_OverRest_TakesTimesAndLevels()
    {
        await using var coordinator = await TestCoordinator.StartAsync(options => options with { Http = "127.0.0.1:0" });
        var host = await coordinator.HostAsync("a");
        string runId = await coordinator.SubmitAsync(coordinator.Spec());
        var launch = await host.LaunchAsync();
        await host.LineAsync(launch.ReplicaId, "[W socket.cpp:464] retrying");
        await coordinator.UntilLoggedAsync(runId);
        using var client = coordinator.Http();

        var warning = await LineAsync("since=2026-01-31T08:15:30Z&level=warning");
        Assert.Equal("LEVEL_WARNING", warning!["entry"]!["level"]!.GetValue<string>());
        Assert.Null(await LineAsync("since=2126-01-31T08:15:30%2B01:00"));
        Assert.Null(await LineAsync("level=error"));
        Assert.Contains("a time, as in", (await LineAsync("since=yesterday"))!["message"]!.GetValue<string>(), StringComparison.Ordinal);

        async Task<JsonNode?> LineAsync(string query)
        {
            using var response = await client.GetAsync(new Uri($"{coordinator.HttpAddress}/v1/runs/{runId}/logs?{query}"));
            string text = await response.Content.ReadAsStringAsync();
            return text == "" ? null : JsonNode.Parse(text.Split('\n')[0]);
        }
    }

    [Fact]
    public async Task ReadLogs_WhatThereCannotBe_IsRefused()
    {
        await using var coordinator = await TestCoordinator.StartAsync();
        string runId = await coordinator.SubmitAsync(coordinator.Spec());
        Assert.Equal(StatusCode.NotFound, await StatusAsync(new ReadLogsRequest { RunId = "none-1" }));
        foreach (var request in (ReadLogsRequest[])
            [
                new() { Lines = -1 }, new() { Lines = 10_001 }, new() { Rank = -1 }, new() { AfterSequence = -1 },
                new() { Level = (Level)9 }, new() { Since = new Timestamp { Seconds = long.MaxValue } },
                new() { Since = new Timestamp { Nanos = -1 } },
            ])
        {
            request.RunId = runId;
            Assert.Equal(StatusCode.InvalidArgument, await StatusAsync(request));
        }

        async Task<StatusCode> StatusAsync(ReadLogsRequest request) =>
            (await Assert.ThrowsAsync<RpcException>(() => AllAsync(coordinator, request))).StatusCode;
    }

    private static async Task<List<LogEntry>> AllAsync(TestCoordinator coordinator, ReadLogsRequest request)
    {
        var lines = new List<LogEntry>();
        await foreach (var entry in coordinator.LogsAsync(request))
            lines.Add(entry);
        return lines;
    }
}
