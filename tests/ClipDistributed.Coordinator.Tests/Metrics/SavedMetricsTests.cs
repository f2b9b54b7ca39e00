using System.Diagnostics.Metrics;
using ClipDistributed.Contracts.Host.V1;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Coordinator.Metrics;
using ClipDistributed.Coordinator.Settings;
using ClipDistributed.Coordinator.Store;
using ClipDistributed.Coordinator.Store.Rows;
using ClipDistributed.Coordinator.Tests.Store;
using ClipDistributed.Telemetry;
using Google.Protobuf;
using Microsoft.Extensions.DependencyInjection;

namespace ClipDistributed.Coordinator.Tests.Metrics;

public sealed class SavedMetricsTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly ServiceProvider services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly MeterListener listener = new();
    private readonly List<(string Name, string Label, double Value)> measured = [];
    private readonly RunStore rows;
    private readonly ObservedStore store;
    private long sequence;

    public SavedMetricsTests()
    {
        rows = RunStore.Open(new CoordinatorOptions { StateDirectory = folder.Path });
        store = new ObservedStore(rows);
        var meters = services.GetRequiredService<IMeterFactory>();
        listener.InstrumentPublished = (instrument, listening) =>
        {
            if (instrument.Meter.Name == MetricNames.Meter && instrument.Meter.Scope == meters)
                listening.EnableMeasurementEvents(instrument);
        };
        listener.SetMeasurementEventCallback<double>((instrument, value, labels, _) => Add(instrument, value, labels));
        listener.SetMeasurementEventCallback<long>((instrument, value, labels, _) => Add(instrument, value, labels));
        listener.Start();
        _ = new SavedMetrics(store, meters, TimeProvider.System);
    }

    [Fact]
    public async Task Save_NewSteps_AreCountedWithTheirParts()
    {
        var run = await AddedAsync();
        await SaveAsync(run, Step(1, samples: 8), Step(2, samples: 16));
        await SaveAsync(run, Step(3, samples: 24));
        await SaveAsync(run, new RunRecord { Started = new RunStarted { Attempt = 2, Step = 1 } }, Step(2, samples: 16)); // went back

        Assert.Equal([8, 8, 8, 8], Values(MetricNames.Samples));
        Assert.Equal([0.5, 0.5, 0.5, 0.5], Values(MetricNames.Step, "total"));
        Assert.Equal([0.25, 0.25, 0.25, 0.25], Values(MetricNames.Step, "forward"));
    }

    [Fact]
    public async Task Save_Checkpoint_CountsHowLongTrainingStoodStill()
    {
        var run = await AddedAsync();
        await SaveAsync(run, new RunRecord { Checkpoint = new CheckpointSaved { HeldSeconds = 1.5, WriteSeconds = 9 } });
        Assert.Equal([1.5], Values(MetricNames.CheckpointStall));
    }

    [Fact]
    public async Task Save_RunThatGetsDevices_CountsItsWaitOnce()
    {
        var run = await AddedAsync();
        await SaveAsync(run);
        Assert.Empty(Values(MetricNames.QueueWait));
        run.State = RunState.Paused; // while it waits
        await SaveAsync(run);
        Assert.Empty(Values(MetricNames.QueueWait));
        (run.State, run.Kind) = (RunState.Starting, DeviceKind.Cpu);
        await SaveAsync(run);
        run.State = RunState.Running;
        await SaveAsync(run);
        Assert.InRange(Assert.Single(Values(MetricNames.QueueWait)), 60, 3600);
    }

    [Theory]
    [InlineData(RunState.Cancelled)]
    [InlineData(RunState.Failed)]
    public async Task Save_RunThatEndsWithoutDevices_HasNoWait(RunState state)
    {
        var run = await AddedAsync();
        (run.State, run.Ended) = (state, DateTime.UtcNow);
        await SaveAsync(run);
        Assert.Empty(Values(MetricNames.QueueWait));
    }

    [Fact]
    public async Task Save_IncidentThatIsOver_CountsItsCostOnce()
    {
        var run = await AddedAsync();
        var lost = SampleRows.News().Opened[0];
        lost.Kind = IncidentKind.GroupBroken;
        await SaveAsync(run, news => news.Opened.Add(lost));
        Assert.Empty(Values(MetricNames.Recovery));
        (lost.Kind, lost.SecondsLost) = (IncidentKind.ReplicaLost, 12);
        await SaveAsync(run, news => news.Changed.Add(lost));
        await SaveAsync(run, news => news.Changed.Add(lost));
        foreach (var (number, meant) in new[] { (2, IncidentKind.ReplicaJoined), (3, IncidentKind.RunScaled) })
        {
            var incident = SampleRows.News().Opened[0];
            (incident.Number, incident.Kind, incident.SecondsLost) = (number, meant, 3);
            await SaveAsync(run, news => news.Opened.Add(incident));
        }

        Assert.Equal([12], Values(MetricNames.Recovery));
        Assert.Equal([1], Values(MetricNames.Failures, "replica_lost"));
        Assert.Empty(Values(MetricNames.Failures, "replica_joined"));
        Assert.Empty(Values(MetricNames.Failures, "run_scaled"));
        Assert.Empty(Values(MetricNames.Failures, "group_broken"));
    }

    public void Dispose()
    {
        listener.Dispose();
        services.Dispose();
        rows.Dispose();
        folder.Dispose();
    }

    private void Add(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> labels) =>
        measured.Add((instrument.Name, labels.Length == 0 ? "" : $"{labels[0].Value}", value));

    private IEnumerable<double> Values(string name, string label = "") =>
        measured.Where(one => one.Name == name && one.Label == label).Select(one => one.Value);

    private async Task<RunRow> AddedAsync()
    {
        var run = SampleRows.Run();
        (run.State, run.Submitted) = (RunState.Pending, DateTime.UtcNow.AddMinutes(-2));
        await store.AddAsync(SampleRows.Job(), run);
        return run;
    }

    private Task SaveAsync(RunRow run, params RunRecord[] records) => SaveAsync(run, news => news.Records.AddRange(
        records.Select(record => new RecordRow
        {
            RunId = run.RunId, Sequence = ++sequence, Time = DateTime.UnixEpoch, ReplicaId = "demo-1-r1", Record = record.ToByteArray(),
        })));

    private Task SaveAsync(RunRow run, Action<RunNews> change)
    {
        var news = new RunNews();
        change(news);
        run.Saves++;
        return store.SaveAsync(run, news);
    }

    private static RunRecord Step(long step, long samples) => new()
    {
        Step = new StepMetrics { Step = step, Samples = samples, Seconds = 0.5, Split = new StepSplit { Forward = 0.25 } },
    };
}
