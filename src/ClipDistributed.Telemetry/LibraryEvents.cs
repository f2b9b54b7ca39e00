using System.Collections.Concurrent;
using Serilog.Core;
using Serilog.Events;

namespace ClipDistributed.Telemetry;

/// <summary>
/// Of what libraries log, one event of a kind in a minute: a peer that sends garbage can make some of them repeat theirs without
/// end. Thread-safe.
/// </summary>
internal sealed class LibraryEvents(TimeProvider time) : ILogEventFilter
{
    /// <summary>Whose events these are.</summary>
    public static readonly string[] Sources = ["Microsoft", "Grpc", "System"];

    private static readonly TimeSpan Period = TimeSpan.FromMinutes(1);

    // Templates are literals of the libraries' code, so that there are few.
    private readonly ConcurrentDictionary<(string Source, string Template), long> last = new();

    public bool IsEnabled(LogEvent logEvent)
    {
        if (!IsOne(logEvent, out string source))
            return true;
        var kind = (source, logEvent.MessageTemplate.Text);
        long now = time.GetTimestamp();
        if (last.TryAdd(kind, now))
            return true;
        long before = last[kind];
        return time.GetElapsedTime(before, now) >= Period && last.TryUpdate(kind, now, before);
    }

    public static bool IsOne(LogEvent logEvent, out string source)
    {
        source =
            logEvent.Properties.TryGetValue(Constants.SourceContextPropertyName, out var value)
            && value is ScalarValue { Value: string name }
                ? name
                : "";
        string text = source;
        return Array.Exists(
            Sources,
            start => text.StartsWith(start, StringComparison.Ordinal) && (text.Length == start.Length || text[start.Length] == '.')
        );
    }
}
