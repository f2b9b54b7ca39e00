using System.Diagnostics.Metrics;
using ClipDistributed.Coordinator.Settings;
using ClipDistributed.Telemetry;
using Microsoft.Extensions.DependencyInjection;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;

namespace ClipDistributed.Coordinator.Metrics;

internal static class MetricsServices
{
    /// <summary>Metrics, where they are served in Prometheus' form at /metrics, or sent.</summary>
    public static void AddRunMetrics(this IServiceCollection services, CoordinatorOptions options)
    {
        services.AddMetrics();
        services.AddSingleton<RunMetrics>();
        services.AddSingleton<SavedMetrics>();
        services.AddSingleton<SpeedMetrics>();
        services.AddSingleton<HostMetrics>();
        var telemetry = services.AddOpenTelemetry().WithMetrics(metrics =>
        {
            metrics.AddMeter(MetricNames.Meter);
            if (options.HasMetrics)
                metrics.AddPrometheusExporter();
        });
        // Its own: another coordinator of this process has meters of the same name.
        services.ConfigureOpenTelemetryMeterProvider((provider, metrics) =>
        {
            var own = provider.GetRequiredService<IMeterFactory>();
            metrics.AddView(instrument => instrument.Meter.Scope == own ? null : MetricStreamConfiguration.Drop);
        });
        if (options.Otlp is null) // which names it itself
            telemetry.ConfigureResource(resource => resource.AddService("clipd"));
    }

    /// <summary>From here on they are measured.</summary>
    public static void MeasureRuns(this IServiceProvider services)
    {
        services.GetRequiredService<RunMetrics>();
        services.GetRequiredService<SavedMetrics>();
        services.GetRequiredService<SpeedMetrics>();
        services.GetRequiredService<HostMetrics>();
    }
}
