using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using ClipDistributed.Contracts.Replica.V1;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Coordinator.Settings;
using ClipDistributed.Coordinator.Tests.Runs;
using ClipDistributed.Coordinator.Tests.Scripted;
using ClipDistributed.Telemetry;

namespace ClipDistributed.Coordinator.Tests.Otlp;

public class OtlpTests
{
    private static readonly string[] Once = ["run", "queue"];

    [Fact]
    public async Task Traces_RunThatLostAReplica_AreOneTraceOfItsLifeAndOfItsRecovery()
    {
        await using var receiver = await OtlpReceiver.StartAsync();
        string runId;
        await using (var coordinator = await TestCoordinator.StartAsync(options => options with { Otlp = To(receiver.Address) }))
        {
            runId = await RecoverAsync(coordinator);
            await receiver.UntilAsync(seen => seen.Spans.Any(span => span.Name == SpanNames.Run));
        }

        var spans = receiver.Spans;
        Assert.Single(spans.Select(span => span.TraceId).Distinct());
        Assert.All(spans, span => Assert.Equal((runId, "demo"), (Text(span, SpanNames.RunId), Text(span, SpanNames.JobId))));
        Assert.All(Once, name => Assert.Single(spans, span => span.Name == name));
        var root = spans.Single(span => span.Name == SpanNames.Run);
        Assert.DoesNotContain(root.ParentSpanId, part => part != 0);
        Assert.Equal(("succeeded", "1", "2"),
            (Text(root, SpanNames.State), Text(root, SpanNames.Attempt), Text(root, SpanNames.GenerationNumber)));
        Assert.Equal(2, Count(SpanNames.Launch, below: root));
        Assert.Equal(2, Count(SpanNames.Generation, below: root));
        var generation = spans.Single(
            span => span.Name == SpanNames.Generation && Text(span, SpanNames.GenerationNumber) == "1");
        Assert.Equal("1", Text(generation, SpanNames.Attempt));
        Assert.Equal((1, 1, 1), (
            Count(SpanNames.Form, generation), Count(SpanNames.Train, generation), Count(SpanNames.SaveCheckpoint, generation)));
        var recovery = spans.Single(span => span.Name == SpanNames.Recovery);
        Assert.Equal((root.SpanId, "replica_lost"), (recovery.ParentSpanId, Text(recovery, SpanNames.Cause)));
        OtlpSpan[] parts = [.. spans.Where(span => span.ParentSpanId == recovery.SpanId).OrderBy(span => span.StartTimeUnixNano)];
        Assert.Equal([SpanNames.Notice, SpanNames.Evict, SpanNames.Form], parts.Select(part => part.Name));
        Assert.Equal(parts.Skip(1).Select(part => part.StartTimeUnixNano), parts.SkipLast(1).Select(part => part.EndTimeUnixNano));
        Assert.Single(recovery.Events, lost => lost.Attributes.Any(one => one.Key == SpanNames.Evidence));

        int Count(string name, OtlpSpan below) =>
            spans.Count(span => span.Name == name && span.ParentSpanId == below.SpanId);
    }

    [Fact]
    public async Task Traces_RunThatMakesWay_HasTheEndOfItsGeneration()
    {
        await using var receiver = await OtlpReceiver.StartAsync();
        await using var coordinator = await TestCoordinator.StartAsync(
            options => options with { Otlp = To(receiver.Address), PreemptAfter = TimeSpan.Zero });
        var (low, _, _) = await PreemptionScene.PreemptedAsync(coordinator, await coordinator.HostAsync("a"), step: 3);
        await receiver.UntilAsync(
            seen => seen.Spans.Any(span => span.Name == SpanNames.Generation && Text(span, SpanNames.RunId) == low));
        Assert.Equal(RunState.Preempted, (await coordinator.RunAsync(low)).State);
    }

    [Fact]
    public async Task Traces_CoordinatorThatIsStopped_AreGoneOnWithByTheNext()
    {
        await using var receiver = await OtlpReceiver.StartAsync();
        var first = await TestCoordinator.StartAsync(options => options with { Otlp = To(receiver.Address) });
        string runId = await first.SubmitAsync(first.Spec());
        await using var second = await first.RestartAsync();
        await second.Control.CancelRunAsync(new Contracts.Control.V1.CancelRunRequest { RunId = runId });
        await receiver.UntilAsync(seen => seen.Spans.Count(span => span.Name == SpanNames.Run) == 2);

        var runs = receiver.Spans.Where(span => span.Name == SpanNames.Run).ToList();
        Assert.Equal(runs[0].TraceId, runs[1].TraceId);
        Assert.Equal(["1", "2"], runs.Select(run => Text(run, SpanNames.Term)));
        Assert.Equal(["", "cancelled"], runs.Select(run => Text(run, SpanNames.State)));
    }

    [Fact]
    public async Task Export_AllSignals_AreSentWithResourceAndHeaders()
    {
        await using var receiver = await OtlpReceiver.StartAsync();
        var otlp = To(receiver.Address, ("OTEL_EXPORTER_OTLP_HEADERS", "x-key=secret-1"), ("OTEL_SERVICE_NAME", "blue"));
        await using var coordinator = await TestCoordinator.StartAsync(options => options with { Otlp = otlp });
        string runId = await coordinator.SubmitAsync(coordinator.Spec());
        await receiver.UntilAsync(seen =>
            seen.Metrics.Any(metric => metric.Name == MetricNames.RunPending && metric.Unit == "s")
            && seen.Logs.Any(log => log.Attributes.Any(one => one.Key == LogProperties.RunId && one.Value.Text == runId)));

        Assert.Contains("x-key: secret-1", receiver.Headers);
        Assert.All(receiver.Resources, of => Assert.Contains(of.Attributes, one => (one.Key, one.Value.Text) == ("service.name", "blue")));
    }

    [Fact]
    public async Task Export_SignalsThatAreOff_AreNotSent()
    {
        await using var receiver = await OtlpReceiver.StartAsync();
        var otlp = To(receiver.Address, ("OTEL_LOGS_EXPORTER", "none"), ("OTEL_METRICS_EXPORTER", "none"));
        await using (var coordinator = await TestCoordinator.StartAsync(options => options with { Otlp = otlp }))
            await coordinator.SubmitAsync(coordinator.Spec());

        Assert.Equal((0, 0), (receiver.Logs.Count, receiver.Metrics.Count));
        Assert.Equal([SpanNames.Run], receiver.Spans.Select(span => span.Name));
    }

    [Theory]
    [InlineData(false)] // nothing listens there
    [InlineData(true)] // connections are accepted and nothing is answered
    public async Task Export_ReceiverThatIsGone_HoldsUpNoRunAndNoEnd(bool isThere)
    {
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        string at = isThere ? $"http://{silent.LocalEndpoint}" : "http://127.0.0.1:1";
        var coordinator = await TestCoordinator.StartAsync(options => options with { Otlp = To(at) });
        await RecoverAsync(coordinator);
        long stopped = Stopwatch.GetTimestamp();
        await coordinator.DisposeAsync();
        Assert.InRange(Stopwatch.GetElapsedTime(stopped), TimeSpan.Zero, TimeSpan.FromSeconds(12)); // 2 s for each signal
    }

    /// <summary>Two replicas, of which one dies after the first step.</summary>
    private static async Task<string> RecoverAsync(TestCoordinator coordinator)
    {
        var (a, b) = (await coordinator.HostAsync("a"), await coordinator.HostAsync("b"));
        string runId = await coordinator.SubmitAsync(coordinator.Spec(min: 1, max: 2));
        var (survivor, victim) = (await a.StartReplicaAsync(), await b.StartReplicaAsync());
        await survivor.GenerationAsync();
        await survivor.AttemptAsync(1);
        await survivor.RecordAsync(1, loss: 1, seconds: 0.001);
        await survivor.CheckpointAsync(1);
        await survivor.AppliedAsync(1);
        await victim.DieAsync();
        await survivor.FailAsync(FailureKind.Collective, "closed", applied: 1);
        await survivor.GenerationAsync();
        await survivor.RecordAsync(2, loss: 1, seconds: 0.001);
        await survivor.EndedAsync(5, finished: true);
        await survivor.LeaveAsync();
        await survivor.ExitAsync(0);
        await b.ExitedAsync((await b.LaunchAsync()).ReplicaId, 137);
        await coordinator.UntilAsync(runId, RunState.Succeeded);
        return runId;
    }

    private static OtlpSettings To(string address, params (string Name, string Value)[] variables) => new(
        variables.Append(("OTEL_BSP_SCHEDULE_DELAY", "50")).Append(("OTEL_BLRP_SCHEDULE_DELAY", "50"))
            .Append(("OTEL_METRIC_EXPORT_INTERVAL", "100")).Append(("OTEL_EXPORTER_OTLP_ENDPOINT", address))
            .ToDictionary(one => one.Item1, one => one.Item2));

    private static string Text(OtlpSpan span, string name) => span.Attributes.FirstOrDefault(one => one.Key == name)?.Value switch
    {
        { ValueCase: OtlpValue.ValueOneofCase.Whole } whole => whole.Whole.ToString(CultureInfo.InvariantCulture),
        { } value => value.Text,
        null => "",
    };
}
