using System.Text.Json;
using Microsoft.Extensions.Logging;

namespace ClipDistributed.TestKit.Logs;

/// <summary>One event of a log: tests look at its name and its values, humans at the text.</summary>
/// <param name="Name">Its EventName; "": it has none, as those of libraries.</param>
/// <param name="Values">Its properties.</param>
public sealed record LoggedEvent(LogLevel Level, string Name, IReadOnlyDictionary<string, string> Values, string Text)
{
    /// <summary>A property; "": it has none of this name.</summary>
    public string this[string property] => Values.GetValueOrDefault(property, "");

    /// <summary>Of this name, with all of these properties.</summary>
    public bool Is(string name, params (string Property, object Value)[] values) =>
        Name == name && values.All(wanted => this[wanted.Property] == wanted.Value.ToString());

    /// <param name="line">A line that <c>--log-format json</c> wrote; anything else becomes an event without a name.</param>
    public static LoggedEvent Parse(string line)
    {
        if (!line.StartsWith('{'))
            return new LoggedEvent(LogLevel.Information, "", new Dictionary<string, string>(), line);
        using var document = JsonDocument.Parse(line);
        var properties = document.RootElement.EnumerateObject().ToDictionary(property => property.Name, property => property.Value);
        string name = properties.TryGetValue("EventId", out var id) && id.TryGetProperty("Name", out var given) ? given.GetString()! : "";
        var level = properties.TryGetValue("@l", out var serilog) ? LevelOf(serilog.GetString()!) : LogLevel.Information;
        return new LoggedEvent(level, name, properties.ToDictionary(one => one.Key, one => one.Value.ToString()), line);
    }

    /// <summary>Serilog's names of levels are others.</summary>
    private static LogLevel LevelOf(string serilog) => serilog switch
    {
        "Fatal" => LogLevel.Critical,
        "Verbose" => LogLevel.Trace,
        _ => Enum.Parse<LogLevel>(serilog),
    };
}
