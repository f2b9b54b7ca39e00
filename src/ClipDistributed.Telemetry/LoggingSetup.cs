using Microsoft.Extensions.Logging;
using Serilog;
using Serilog.Events;
using Serilog.Formatting.Compact;

namespace ClipDistributed.Telemetry;

/// <summary>Sends log events to standard error and to a file. Standard output stays free for what commands print.</summary>
public static class LoggingSetup
{
    /// <summary>Replaces the providers that <paramref name="logging"/> has.</summary>
    public static ILoggingBuilder AddTelemetry(this ILoggingBuilder logging, TelemetryOptions? options = null)
    {
        options ??= new TelemetryOptions();
        logging.ClearProviders();
        logging.SetMinimumLevel(LogLevel.Trace); // one filter, Serilog's
        return logging.AddSerilog(Create(options), dispose: true);
    }

    private static Serilog.Core.Logger Create(TelemetryOptions options)
    {
        var level = Level(options.Level);
        var setup = new LoggerConfiguration().MinimumLevel.Is(level).Enrich.FromLogContext();
        setup.Filter.With(new LibraryEvents(options.Time));
        foreach (string library in LibraryEvents.Sources)
            setup.MinimumLevel.Override(library, level > LogEventLevel.Warning ? level : LogEventLevel.Warning);
        // The program that starts a host gets its failure as an exception and reports it itself; what stops a running one is fatal.
        setup.MinimumLevel.Override("Microsoft.Extensions.Hosting.Internal.Host", LogEventLevel.Fatal);
        // Why a call failed is answered and logged by the coordinator itself.
        setup.MinimumLevel.Override("Grpc.AspNetCore.Server.ServerCallHandler", LogEventLevel.Fatal);
        var json = new PrintableFormatter(new CompactJsonFormatter());
        if (options.Console)
            setup.WriteTo.Console(options.Json ? json : new LineFormatter(), standardErrorFromLevel: LogEventLevel.Verbose);
        if (options.File is { } file)
            setup.WriteTo.File(
                json, file,
                rollingInterval: options.Rolling ? RollingInterval.Day : RollingInterval.Infinite);
        return setup.CreateLogger();
    }

    private static LogEventLevel Level(LogLevel level) => level switch
    {
        LogLevel.Trace => LogEventLevel.Verbose,
        LogLevel.Debug => LogEventLevel.Debug,
        LogLevel.Information => LogEventLevel.Information,
        LogLevel.Warning => LogEventLevel.Warning,
        LogLevel.Error => LogEventLevel.Error,
        _ => LogEventLevel.Fatal,
    };
}
