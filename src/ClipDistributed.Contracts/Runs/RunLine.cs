using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using ClipDistributed.Contracts.Processes;

namespace ClipDistributed.Contracts.Runs;

/// <summary>
/// One line of metrics.jsonl, events.jsonl or coordinator.jsonl: what happened, when, on which host, and what program wrote it down.
/// Nothing else knows how such a line is written. The fields of the message come first, so that older programs read it too.
/// </summary>
/// <param name="Time">UTC; null: an older program wrote the line.</param>
/// <param name="Host">As the coordinator names it, else the machine's name; null: an older program wrote the line.</param>
/// <param name="Version">Of the program; null: an older one.</param>
public sealed record RunLine(ReplicaMessage Message, DateTimeOffset? Time, string? Host, string? Version)
{
    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, // no HTML: + stays +
    };

    /// <summary>Whether the line belongs to metrics.jsonl; else it is an event.</summary>
    public bool IsMetrics => Message is StepMetrics or EvaluationMetrics or RetrievalMetrics;

    public static RunLine Of(ReplicaMessage message, DateTimeOffset time, string host) => new(message, time, host, ProgramVersion.Text);

    public string ToJson()
    {
        string message = Message.ToJson();
        if (Time is null)
            return message;
        string envelope = JsonSerializer.Serialize(new Envelope(UtcTime.Iso(Time.Value), Host, Version), Json);
        return $"{message[..^1]},{envelope[1..]}";
    }

    /// <summary>Null where the line is none: torn, or of a kind that is not known here.</summary>
    public static RunLine? TryParse(string line)
    {
        if (ReplicaMessage.TryParse(line) is not { } message)
            return null;
        try
        {
            return JsonSerializer.Deserialize<Envelope>(line, Json) is { Time: not null } found
                && DateTimeOffset.TryParse(
                    found.Time, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal,
                    out var time)
                    ? new RunLine(message, time, found.Host, found.Version)
                    : new RunLine(message, null, null, null);
        }
        catch (JsonException)
        {
            return new RunLine(message, null, null, null); // what was added to the message is damaged, it is not
        }
    }

    private sealed record Envelope(string? Time, string? Host, string? Version);
}
