using ClipDistributed.Contracts.Control.V1;
using Google.Protobuf.WellKnownTypes;

namespace ClipDistributed.Dashboard.History;

/// <summary>Which lines a page shows; it is in the page's address.</summary>
/// <param name="Rank">Null: of all.</param>
/// <param name="Before">Sequence number; 0: the newest lines.</param>
public sealed record LogFilter(string Host, int? Rank, LogEntry.Types.Level Level, string Text, TimeSpan? Since, long Before)
{
    /// <summary>Lines of a page.</summary>
    public const int PageSize = 1_000;

    public static readonly LogFilter All = new("", null, LogEntry.Types.Level.Unspecified, "", null, 0);

    /// <summary>The newest lines, and those that come.</summary>
    public bool Follows => Before == 0;

    public ReadLogsRequest ToRequest(string runId, DateTimeOffset now)
    {
        var request = new ReadLogsRequest
        {
            RunId = runId, Host = Host, Level = Level, Text = Text, Lines = PageSize, Follow = Follows, BeforeSequence = Before,
        };
        if (Rank is { } rank)
            request.Rank = rank;
        if (Since is { } age)
            request.Since = (now - age).ToTimestamp();
        return request;
    }
}
