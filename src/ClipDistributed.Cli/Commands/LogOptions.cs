using System.CommandLine;
using ClipDistributed.Telemetry;
using Microsoft.Extensions.Logging;

namespace ClipDistributed.Cli.Commands;

/// <summary>How hosts write their log to standard error.</summary>
internal static class LogOptions
{
    private const string Text = "text", Json = "json";

    public static Option<string> Format() => new Option<string>("--log-format")
    {
        Description = "Of the log on standard error. json: one object a line, with event name and properties.",
        DefaultValueFactory = _ => Text,
    }.AsOneOf(Text, Json);

    public static Action<ILoggingBuilder> Setup(string format) =>
        logging => logging.AddTelemetry(new TelemetryOptions { Json = format == Json });
}
