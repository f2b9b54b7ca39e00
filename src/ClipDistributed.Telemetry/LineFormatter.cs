using System.Globalization;
using Serilog.Events;
using Serilog.Formatting;
using Serilog.Parsing;

namespace ClipDistributed.Telemetry;

/// <summary>
/// One line an event: <c>2026-01-31T08:15:30.125Z INF Run demo-1 ended. RunId=demo-1</c>. Known properties follow the
/// message where it does not show them itself; a stack follows on lines of its own, but for events of libraries.
/// </summary>
internal sealed class LineFormatter : ITextFormatter
{
    public void Format(LogEvent logEvent, TextWriter output)
    {
        output.Write(logEvent.Timestamp.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture));
        output.Write(' ');
        output.Write(Short(logEvent.Level));
        output.Write(' ');
        output.Write(Printable.Line(Message(logEvent).ReplaceLineEndings(" | ")));
        foreach (string name in LogProperties.All)
        {
            if (
                logEvent.Properties.TryGetValue(name, out var value)
                && !logEvent.MessageTemplate.Tokens.OfType<PropertyToken>().Any(token => token.PropertyName == name)
            )
                output.Write($" {name}={Printable.Line(Plain(value))}");
        }
        // What a library fails by is most often what a peer sent; the stack would be the library's own.
        if (logEvent.Exception is { } failed && LibraryEvents.IsOne(logEvent, out _))
            output.Write($" ({failed.GetType().Name}: {Printable.Line(failed.Message.ReplaceLineEndings(" | "))})");
        output.WriteLine();
        if (logEvent.Exception is { } exception && !LibraryEvents.IsOne(logEvent, out _))
            output.WriteLine(Printable.Text(exception.ToString()));
    }

    /// <summary>The message without quotes around its values.</summary>
    private static string Message(LogEvent logEvent) =>
        string.Concat(
            logEvent.MessageTemplate.Tokens.Select(token =>
                token is PropertyToken property && logEvent.Properties.TryGetValue(property.PropertyName, out var value)
                    ? Plain(value, property.Format)
                    : token.ToString()
            )
        );

    private static string Plain(LogEventPropertyValue value, string? format = null) => value is ScalarValue { Value: string text }
        ? text
        : value.ToString(format, CultureInfo.InvariantCulture);

    private static string Short(LogEventLevel level) => level switch
    {
        LogEventLevel.Verbose => "TRC",
        LogEventLevel.Debug => "DBG",
        LogEventLevel.Information => "INF",
        LogEventLevel.Warning => "WRN",
        LogEventLevel.Error => "ERR",
        _ => "FTL",
    };
}
