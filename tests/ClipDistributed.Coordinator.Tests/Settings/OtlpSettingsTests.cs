using ClipDistributed.Contracts.Errors;
using ClipDistributed.Coordinator.Settings;

namespace ClipDistributed.Coordinator.Tests.Settings;

public class OtlpSettingsTests
{
    private const string Endpoint = "OTEL_EXPORTER_OTLP_ENDPOINT";

    [Theory]
    [InlineData]
    [InlineData("OTEL_SERVICE_NAME=a")]
    [InlineData(Endpoint + "=")]
    [InlineData(Endpoint + "=http://a:4317", "OTEL_SDK_DISABLED=true")]
    [InlineData(Endpoint + "=http://a:4317", "OTEL_METRICS_EXPORTER=none", "OTEL_TRACES_EXPORTER=none", "OTEL_LOGS_EXPORTER=none")]
    public void From_NoReceiver_IsNone(params string[] variables) => Assert.Null(OtlpSettings.From(null, Environment(variables)));

    [Fact]
    public void From_EndpointOfOneSignal_SendsThatOne()
    {
        var settings = OtlpSettings.From(null, Environment("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT=http://a:4317", "PATH=/bin"))!;
        Assert.Equal((true, false, false), (settings.HasTraces, settings.HasMetrics, settings.HasLogs));
        Assert.Single(settings.Variables);
    }

    [Fact]
    public void From_Option_HoldsBeforeTheVariables()
    {
        var settings = OtlpSettings.From(
            "http://b:4317", Environment($"{Endpoint}=http://a:4317", "OTEL_EXPORTER_OTLP_LOGS_ENDPOINT=http://c:4317"))!;
        Assert.Equal("http://b:4317", Assert.Single(settings.Variables).Value);
    }

    [Theory]
    [InlineData(Endpoint + "=localhost:4317")]
    [InlineData(Endpoint + "=/tmp/socket")]
    [InlineData(Endpoint + "=http://ann:secret@a:4317")]
    [InlineData(Endpoint + "=ftp://ann:secret@a:4317")]
    [InlineData(Endpoint + "=ann:secret@a:4317")]
    [InlineData(Endpoint + "=http://ann:secret @a:b")]
    [InlineData("OTEL_EXPORTER_OTLP_PROTOCOL=http/json")]
    [InlineData("OTEL_EXPORTER_OTLP_HEADERS=secret")]
    [InlineData("OTEL_EXPORTER_OTLP_TIMEOUT=10s")]
    [InlineData("OTEL_METRIC_EXPORT_INTERVAL=0")]
    [InlineData("OTEL_TRACES_EXPORTER=zipkin")]
    public void Check_Mistake_IsOneLineThatShowsNoSecret(string variable)
    {
        var settings = OtlpSettings.From(null, Environment($"{Endpoint}=http://a:4317", variable))!;
        var refused = Assert.Throws<BadInputException>(new CoordinatorOptions { Otlp = settings }.Check);
        string line = Assert.Single(refused.Errors);
        Assert.Contains(variable[..variable.IndexOf('=')], line, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", line, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("OTEL_EXPORTER_OTLP_TIMEOUT", true)]
    [InlineData("OTEL_EXPORTER_OTLP_LOGS_TIMEOUT", true)]
    [InlineData("OTEL_EXPORTER_OTLP_TRACES_TIMEOUT", false)]
    [InlineData("OTEL_BLRP_EXPORT_TIMEOUT", false)]
    public void HasTimeout_OfLogs_IsThatOfAllOrOfThem(string variable, bool expected) => Assert.Equal(
        expected, OtlpSettings.From(null, Environment($"{Endpoint}=http://a:4317", $"{variable}=5"))!.HasTimeout("LOGS"));

    private static Dictionary<string, string> Environment(params string[] variables)
    {
        var all = new Dictionary<string, string>();
        foreach (string variable in variables)
            all[variable[..variable.IndexOf('=')]] = variable[(variable.IndexOf('=') + 1)..];
        return all;
    }
}
