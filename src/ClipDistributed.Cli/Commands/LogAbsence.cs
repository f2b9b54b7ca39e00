using System.Globalization;
using ClipDistributed.Cli.Coordinators;
using ClipDistributed.Cli.Tables;
using ClipDistributed.Contracts.Control.V1;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Contracts.Runs;

namespace ClipDistributed.Cli.Commands;

/// <summary>Why <c>clipd logs</c> found no line.</summary>
internal static class LogAbsence
{
    private const int MaxNames = 20;

    /// <param name="request">That found none.</param>
    /// <param name="lines">The newest of the run, without any filter.</param>
    public static string Explain(ReadLogsRequest request, Run run, IReadOnlyList<LogEntry> lines, DateTimeOffset now)
    {
        if (lines.Count == 0)
            return run.State is RunState.Pending or RunState.Starting
                ? $"no line of {run.RunId} yet: it is {RunStates.Describe(run)}"
                : $"no line of {run.RunId}: its replicas have printed none, or the files with them were deleted; "
                    + $"clipd run watch {run.RunId} shows its steps";
        string[] reasons = [.. Reasons(request, lines, now)];
        return $"no such line of {run.RunId}: {(reasons.Length > 0 ? string.Join("; ", reasons) : "none has all of this at once")}";
    }

    /// <summary>Each filter that no line passes by itself.</summary>
    private static IEnumerable<string> Reasons(ReadLogsRequest request, IReadOnlyList<LogEntry> lines, DateTimeOffset now)
    {
        if (request.HasRank && !lines.Any(line => line.HasRank && line.Rank == request.Rank))
            yield return $"none is of rank {request.Rank}{Others("rank", lines.Where(line => line.HasRank).Select(line => line.Rank))}";
        if (request.Host != "" && lines.All(line => line.Host != request.Host))
            yield return $"none is of host {request.Host}{Others("host", lines.Select(line => line.Host))}";
        if (request.ReplicaId != "" && lines.All(line => line.ReplicaId != request.ReplicaId))
            yield return $"none is of replica {request.ReplicaId}{Others("replica", lines.Select(line => line.ReplicaId))}";
        if (lines.Max(line => line.Level) is var highest && highest < request.Level)
            yield return $"none is of level {LogsCommand.Name(request.Level)} or above; "
                + (highest == LogEntry.Types.Level.Unspecified ? "no line shows a level" : $"the highest is {LogsCommand.Name(highest)}");
        var last = lines[^1].Time;
        if (request.Since is { } since && last.CompareTo(since) < 0)
            yield return $"none came since {UtcTime.Readable(since.ToDateTimeOffset())}; the last came at "
                + $"{UtcTime.Readable(last.ToDateTimeOffset())}, {Quantities.Ago(last, now)}";
        if (request.Text != "" && !lines.Any(line => line.Text.Contains(request.Text, StringComparison.OrdinalIgnoreCase)))
            yield return $"none has '{request.Text}' in it";
    }

    /// <summary>As in <c>; there are ranks 0, 1</c>.</summary>
    private static string Others<T>(string noun, IEnumerable<T> known)
    {
        string[] names = [.. known.Distinct().Order().Take(MaxNames).Select(name => Convert.ToString(name, CultureInfo.InvariantCulture)!)];
        return names.Length switch
        {
            0 => $"; no line has a {noun}",
            1 => $"; there is {noun} {names[0]}",
            _ => $"; there are {noun}s {string.Join(", ", names)}",
        };
    }
}
