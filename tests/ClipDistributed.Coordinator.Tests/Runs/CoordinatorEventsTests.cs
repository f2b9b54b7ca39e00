using ClipDistributed.Contracts.Control.V1;
using ClipDistributed.Contracts.Links;
using ClipDistributed.Contracts.Records;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Contracts.Runs;
using ClipDistributed.Coordinator.Control;
using ClipDistributed.Coordinator.Runs;
using ClipDistributed.Coordinator.Tests.Scripted;
using Grpc.Core;
using Microsoft.Extensions.Logging.Abstractions;

namespace ClipDistributed.Coordinator.Tests.Runs;

public sealed class CoordinatorEventsTests : IDisposable
{
    private static readonly DateTimeOffset Time = new(2026, 11, 30, 3, 0, 0, TimeSpan.Zero);

    private static readonly RunRecord Stop = new() { Request = new RequestReceived { Step = 2, Request = "stop", By = "ann@there" } };

    private readonly TemporaryFolder folder = new();

    private string File => new RunDirectory(folder.Path).CoordinatorEvents;

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Write_SeveralTimes_AddsLinesWithTimeAndHost()
    {
        System.IO.File.WriteAllText(File, "{\"torn");
        var events = new CoordinatorEvents(folder.Path, NullLogger.Instance);
        events.Add(NoticeRecord.Of(1, "first"), Time);
        await events.Write();
        events.Add(Stop, Time.AddSeconds(1));
        events.Add(NoticeRecord.Of(3, "third"), Time.AddSeconds(2));
        await events.Write();

        var lines = RunLines.Read(File).ToList();
        Assert.Equal("{\"torn", lines[0]);
        var read = lines.Skip(1).Select(line => RunRecordJson.TryParse(line!)!).ToList();
        Assert.Equal(
            [NoticeRecord.Of(1, "first").Notice, null, NoticeRecord.Of(3, "third").Notice], read.Select(line => line.Notice));
        Assert.Equal(Stop.Request, read[1].Request);
        Assert.Equal([Time, Time.AddSeconds(1), Time.AddSeconds(2)], read.Select(line => line.Time.ToDateTimeOffset()));
        Assert.All(read, line => Assert.Equal(Environment.MachineName, line.Host));
    }

    [Fact]
    public async Task Write_DirectoryUnavailable_KeepsTheLinesUntilItIsBack()
    {
        string run = folder.File("absent");
        var events = new CoordinatorEvents(run, NullLogger.Instance);
        events.Add(NoticeRecord.Of(1, "first"), Time);
        await events.Write();
        Directory.CreateDirectory(run);
        events.Add(NoticeRecord.Of(2, "second"), Time);
        await events.Write();
        Assert.Equal(
            ["first", "second"],
            RunLines.Read(Path.Combine(run, "coordinator.jsonl")).Select(line => RunRecordJson.TryParse(line!)!.Notice.Text)
        );
    }

    [Fact]
    public async Task Write_AskedTwiceAtOnce_LeavesNoEmptyLine()
    {
        var events = new CoordinatorEvents(folder.Path, NullLogger.Instance);
        for (int step = 1; step <= 100; step++)
        {
            events.Add(NoticeRecord.Of(step, "one"), Time);
            _ = events.Write();
        }
        await events.Write();
        string[] lines = await System.IO.File.ReadAllLinesAsync(File, TestContext.Current.CancellationToken);
        Assert.Equal(
            Enumerable.Range(1, 100).Select(step => (long)step),
            lines.Select(line => RunRecordJson.TryParse(line)!.Notice.Step)
        );
    }

    [Fact]
    public async Task Write_DirectoryUnavailableForLong_KeepsTheNewestLines()
    {
        string run = folder.File("absent");
        var events = new CoordinatorEvents(run, NullLogger.Instance);
        for (int step = 1; step <= 12_000; step++)
        {
            events.Add(NoticeRecord.Of(step, "one"), Time);
            if (step % 3_000 == 0)
                await events.Write();
        }
        Directory.CreateDirectory(run);
        await events.Write();
        var steps = RunLines
            .Read(Path.Combine(run, "coordinator.jsonl"))
            .Select(line => RunRecordJson.TryParse(line!)!.Notice.Step);
        Assert.Equal(Enumerable.Range(2_001, 10_000).Select(step => (long)step), steps);
    }

    [Fact]
    public async Task CancelRun_AskedBySomebody_IsAnEventThatSaysWho()
    {
        await using var coordinator = await TestCoordinator.StartAsync();
        string runId = await coordinator.SubmitAsync(coordinator.Spec());
        using var channel = coordinator.Open(await coordinator.TokenAsync(Role.Operator, owner: "größe@there"));
        await new ControlService.ControlServiceClient(channel).CancelRunAsync(new CancelRunRequest { RunId = runId });
        await coordinator.UntilAsync(runId, RunState.Cancelled);
        var records = new List<RunRecord>();
        await foreach (var response in coordinator.WatchAsync(runId))
        {
            if (response.Record is { } record)
                records.Add(record);
        }
        var request = Assert.Single(records, record => record.Request is not null).Request;
        Assert.Equal("cancel", request.Request);
        Assert.Equal("größe@there (127.0.0.1)", request.By);
    }
}
