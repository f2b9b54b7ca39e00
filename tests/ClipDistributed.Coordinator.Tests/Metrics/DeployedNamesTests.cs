using System.Diagnostics.Metrics;
using System.Text.RegularExpressions;
using ClipDistributed.Coordinator.Tests.Scripted;
using ClipDistributed.Telemetry;

namespace ClipDistributed.Coordinator.Tests.Metrics;

/// <summary>What alert rules and dashboard ask Prometheus for is what a coordinator exports.</summary>
public sealed partial class DeployedNamesTests
{
    [Theory]
    [InlineData("prometheus", "clipd.rules.yml")]
    [InlineData("grafana", "clipd.json")]
    public async Task Names_OfTheFile_AreExported(string folder, string file)
    {
        var exported = new HashSet<string>();
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, _) =>
        {
            if (instrument.Meter.Name != MetricNames.Meter)
                return;
            lock (exported)
                exported.UnionWith(Names(instrument));
        };
        listener.Start();
        await using var coordinator = await TestCoordinator.StartAsync(options => options with { Http = "127.0.0.1:0" });
        string text = await File.ReadAllTextAsync(RepositoryFolder.File("deploy", folder, file), TestContext.Current.CancellationToken);

        string[] used = [.. Name().Matches(text).Select(match => match.Value).Distinct()];

        Assert.InRange(used.Length, 5, 50);
        lock (exported)
            Assert.Empty(used.Except(exported));
    }

    /// <summary>As Prometheus sees it.</summary>
    private static IEnumerable<string> Names(Instrument instrument)
    {
        string name = instrument.Name.Replace('.', '_') + (instrument.Unit switch { "s" => "_seconds", "By" => "_bytes", _ => "" });
        return instrument switch
        {
            Histogram<double> => [$"{name}_bucket", $"{name}_sum", $"{name}_count"],
            Counter<long> or ObservableCounter<long> or ObservableCounter<double> => [$"{name}_total"],
            _ => [name],
        };
    }

    [GeneratedRegex("\\bclipd_[a-z_]+")]
    private static partial Regex Name();
}
