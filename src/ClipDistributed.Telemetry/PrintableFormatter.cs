using Serilog.Events;
using Serilog.Formatting;

namespace ClipDistributed.Telemetry;

/// <summary>Escapes what a terminal obeys, and what is invisible, in lines of JSON, which stay the same JSON.</summary>
internal sealed class PrintableFormatter(ITextFormatter json) : ITextFormatter
{
    public void Format(LogEvent logEvent, TextWriter output)
    {
        using var line = new StringWriter { NewLine = output.NewLine };
        json.Format(logEvent, line);
        output.Write(Printable.Text(line.ToString()));
    }
}
