using ClipDistributed.Contracts.Control.V1;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Coordinator.Tests.Scripted;
using Grpc.Core;

namespace ClipDistributed.Coordinator.Tests.Control;

public sealed class WatchRunTests
{
    [Fact]
    public async Task Watch_OnlyNew_LeavesOutWhatThereIs()
    {
        await using var coordinator = await TestCoordinator.StartAsync();
        string runId = await coordinator.SubmitAsync(coordinator.Spec());
        await coordinator.Control.PauseRunAsync(new PauseRunRequest { RunId = runId });
        await coordinator.UntilRecordsAsync(runId, 1);
        long known = await LastAsync(coordinator, runId);
        using var call = coordinator.Control.WatchRun(
            new WatchRunRequest { RunId = runId, OnlyNew = true }, deadline: DateTime.UtcNow + TestCoordinator.Patience);
        Assert.True(await call.ResponseStream.MoveNext(CancellationToken.None));
        Assert.Equal(runId, call.ResponseStream.Current.Run.RunId);

        await coordinator.Control.CancelRunAsync(new CancelRunRequest { RunId = runId });

        var sequences = new List<long>();
        await foreach (var response in call.ResponseStream.ReadAllAsync())
        {
            if (response.Record is { } record)
                sequences.Add(record.Sequence);
        }
        Assert.NotEmpty(sequences);
        Assert.All(sequences, sequence => Assert.True(sequence > known, $"{sequence} was there at {known}"));
    }

    [Fact]
    public async Task Watch_WithoutSteps_SendsTheOtherRecordsOfThatRun()
    {
        await using var coordinator = await TestCoordinator.StartAsync();
        var host = await coordinator.HostAsync("a");
        string runId = await coordinator.SubmitAsync(coordinator.Spec());
        var replica = await host.StartReplicaAsync();
        await replica.GenerationAsync();
        await replica.AttemptAsync(1);
        for (int step = 1; step <= 3; step++)
            await replica.RecordAsync(step, loss: 1);
        await replica.NoticeAsync("a row is damaged");
        await coordinator.UntilRecordsAsync(runId, 5);
        var found = await coordinator.Control.GetRunAsync(new GetRunRequest { RunId = runId });
        using var call = coordinator.Control.WatchRun(
            new WatchRunRequest { RunId = runId, WithoutSteps = true }, deadline: DateTime.UtcNow + TestCoordinator.Patience);
        await coordinator.Control.CancelRunAsync(new CancelRunRequest { RunId = runId });
        await host.ExitedAsync(await host.KillAsync(), 137);

        var records = new List<RunRecord>();
        await foreach (var response in call.ResponseStream.ReadAllAsync())
        {
            if (response.Record is { } record)
                records.Add(record);
        }
        Assert.DoesNotContain(records, record => record.Step is not null);
        Assert.Contains(records, record => record.Started is not null);
        Assert.Equal(found.LastSequence, records.Single(record => record.Notice is { Text: "a row is damaged" }).Sequence);
    }

    private static async Task<long> LastAsync(TestCoordinator coordinator, string runId)
    {
        long last = 0;
        await foreach (var response in coordinator.WatchAsync(runId))
        {
            last = response.Record?.Sequence ?? last;
            if (last > 0)
                break;
        }
        return last;
    }
}
