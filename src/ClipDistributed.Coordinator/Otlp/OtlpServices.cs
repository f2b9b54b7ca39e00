using ClipDistributed.Contracts.Processes;
using ClipDistributed.Coordinator.Settings;
using ClipDistributed.Coordinator.Tracing;
using ClipDistributed.Telemetry;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using OpenTelemetry.Exporter;
using OpenTelemetry.Logs;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace ClipDistributed.Coordinator.Otlp;

internal static class OtlpServices
{
    /// <summary>
    /// An export may take so long where OTEL_EXPORTER_OTLP_TIMEOUT, or that of its signal, does not say otherwise: a coordinator that ends
    /// while its receiver does not answer waits for it once a signal.
    /// </summary>
    private const int TimeoutMilliseconds = 2_000;

    /// <summary>
    /// Metrics, logs and traces go where the variables say, from queues of bounded length: what a receiver does not take is dropped.
    /// Before <see cref="CoordinatorServices.AddCoordinator"/>, so that traces end after the runs' loops.
    /// </summary>
    public static void AddOtlp(this WebApplicationBuilder builder, OtlpSettings settings)
    {
        // The exporters read the variables from here: those of the process hold more than was checked.
        builder.Configuration.AddInMemoryCollection(settings.Variables.Select(one => KeyValuePair.Create(one.Key, (string?)one.Value)));
        var telemetry = builder.Services.AddOpenTelemetry().ConfigureResource(resource => resource.AddService(
            settings.Variables.GetValueOrDefault("OTEL_SERVICE_NAME", "clipd"),
            serviceVersion: ProgramVersion.Text));
        if (settings.HasMetrics)
            telemetry.WithMetrics(metrics => metrics.AddOtlpExporter(Bound("METRICS")));
        if (settings.HasTraces)
        {
            builder.Services.AddHostedService<RunTraces>();
            telemetry.WithTracing(traces => traces.AddSource(SpanNames.Source).AddOtlpExporter(Bound("TRACES")));
        }
        if (!settings.HasLogs)
            return;
        telemetry.WithLogging(
            logs => logs.AddOtlpExporter(Bound("LOGS")), logs => (logs.IncludeFormattedMessage, logs.IncludeScopes) = (true, true));
        // What libraries log a peer may repeat without end: it stays in the process's own log, which bounds it.
        builder.Logging.AddFilter<OpenTelemetryLoggerProvider>(null, LogLevel.None);
        builder.Logging.AddFilter<OpenTelemetryLoggerProvider>("ClipDistributed", LogLevel.Information);

        Action<OtlpExporterOptions> Bound(string signal) => exporter =>
        {
            if (!settings.HasTimeout(signal))
                exporter.TimeoutMilliseconds = TimeoutMilliseconds;
        };
    }
}
