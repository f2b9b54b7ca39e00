using System.CommandLine;
using System.Globalization;
using ClipDistributed.Cli.Coordinators;
using ClipDistributed.Cli.Replicas;
using ClipDistributed.Cli.Tables;
using ClipDistributed.Contracts.Control.V1;
using ClipDistributed.Contracts.Processes;
using ClipDistributed.Contracts.Runs;
using ClipDistributed.Telemetry;
using Google.Protobuf.WellKnownTypes;

namespace ClipDistributed.Cli.Commands;

/// <summary><c>clipd logs</c></summary>
internal static class LogsCommand
{
    private const int MaxLines = 10_000;

    private static readonly string[] Levels = ["trace", "debug", "info", "warning", "error", "fatal"]; // in the order of the proto

    public static Command Create()
    {
        var id = CommonOptions.RunId();
        var rank = new Option<int?>("--rank") { Description = "Only of the replica that had this rank at that time.", HelpName = "number" };
        var host = new Option<string?>("--host") { Description = "Only of this host.", HelpName = "name" };
        var replica = new Option<string?>("--replica") { Description = "Only of this replica, such as demo-1-r2.", HelpName = "id" };
        var level = new Option<string?>("--level")
        {
            Description = "Only of this level or above; of lines of other programs it is often not known, which is below all.",
            HelpName = string.Join('|', Levels),
        }.AsOneOf(Levels);
        var text = new Option<string?>("--grep") { Description = "Only lines with this text in them.", HelpName = "text" };
        var since = TimeOptions.Since("lines that came");
        var lines = new Option<int>("--lines")
        {
            Description = $"The newest so many, 1 to {MaxLines}. [default: 1000]",
            HelpName = "count",
        };
        var follow = new Option<bool>("--follow", "-f") { Description = "Goes on with new lines until the run has ended." };
        var output = CommonOptions.Output("text", "a line for each");
        var coordinator = CommonOptions.Coordinator();
        var command = new Command(
            "logs", "Shows what the replicas of a run printed, and how their processes ended; also of hosts that are gone.")
        {
            id, rank, host, replica, level, text, since, lines, follow, output, coordinator,
        };
        command.SetAction(async (result, _) =>
        {
            using var client = coordinator.Connect(result);
            var request = new ReadLogsRequest
            {
                RunId = result.GetRequiredValue(id),
                Host = result.GetValue(host) ?? "",
                ReplicaId = result.GetValue(replica) ?? "",
                Level = (LogEntry.Types.Level)(Array.IndexOf(Levels, result.GetValue(level)) + 1),
                Text = result.GetValue(text) ?? "",
                Since = result.GetValue(since)?.ToTimestamp(),
                Lines = result.GetValue(lines),
                Follow = result.GetValue(follow),
            };
            if (result.GetValue(rank) is { } wanted)
                request.Rank = wanted;
            return await WriteAsync(client, request, CommonOptions.IsJson(result, output));
        });
        return command;
    }

    /// <returns>0, or 130 after Ctrl-C.</returns>
    private static async Task<int> WriteAsync(CoordinatorClient client, ReadLogsRequest request, bool isJson)
    {
        using var enough = new CancellationTokenSource();
        using var signals = new StopSignals(null, enough.Cancel);
        try
        {
            bool isAny = false;
            var responses = client.ReadHistoryAsync(history => history.ReadLogs(request, cancellationToken: enough.Token), enough.Token);
            await foreach (var response in responses)
            {
                var entry = response.Entry;
                isAny = true;
                request.AfterSequence = entry.Sequence; // from where a broken stream goes on
                if (isJson)
                    JsonOutput.WriteLine(JsonOutput.Of(entry));
                else
                    Console.WriteLine(Line(entry));
            }
            if (!isAny)
                await Console.Error.WriteLineAsync(Printable.Line(await AbsenceAsync(client, request, enough.Token)));
            return ExitCodes.Done;
        }
        catch (OperationCanceledException) when (enough.IsCancellationRequested)
        {
            return ExitCodes.Interrupted;
        }
    }

    /// <summary>As in <c>warning</c>.</summary>
    internal static string Name(LogEntry.Types.Level level) => Levels[(int)level - 1];

    private static async Task<string> AbsenceAsync(CoordinatorClient client, ReadLogsRequest request, CancellationToken cancel)
    {
        var all = new ReadLogsRequest { RunId = request.RunId, Lines = MaxLines };
        var lines = new List<LogEntry>();
        await foreach (var found in client.ReadHistoryAsync(history => history.ReadLogs(all, cancellationToken: cancel), cancel))
            lines.Add(found.Entry);
        var run = (await client.AskAsync(control => control.GetRunAsync(new GetRunRequest { RunId = request.RunId }), cancel)).Run;
        return LogAbsence.Explain(request, run, lines, DateTimeOffset.UtcNow);
    }

    /// <summary>As in <c>2026-01-31T08:15:30.125Z demo-1-r2 a rank 1 warning …</c>.</summary>
    private static string Line(LogEntry entry)
    {
        string rank = entry.HasRank ? string.Create(CultureInfo.InvariantCulture, $" rank {entry.Rank}") : "";
        string level = entry.Level == LogEntry.Types.Level.Unspecified ? "" : $" {Name(entry.Level)}";
        return Printable.Line($"{UtcTime.Iso(entry.Time.ToDateTimeOffset())} {entry.ReplicaId} {entry.Host}{rank}{level}: {entry.Text}");
    }
}
