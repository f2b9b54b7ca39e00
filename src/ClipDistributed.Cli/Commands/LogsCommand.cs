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
        var since = new Option<TimeSpan?>("--since")
        {
            Description = "Only lines of so long, as in 90s, 10m, 2h or 1d.",
            HelpName = "time",
            CustomParser = result =>
            {
                var parsed = ShortTime.Parse(result.Tokens[0].Value);
                if (parsed is null)
                    result.AddError($"--since is '{result.Tokens[0].Value}'; use a time as in 90s, 10m, 2h or 1d.");
                return parsed;
            },
        };
        var lines = new Option<int>("--lines") { Description = "The newest so many, 1 to 10000. [default: 1000]", HelpName = "count" };
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
                Lines = result.GetValue(lines),
                Follow = result.GetValue(follow),
            };
            if (result.GetValue(rank) is { } wanted)
                request.Rank = wanted;
            if (result.GetValue(since) is { } age)
                request.Since = (DateTimeOffset.UtcNow - age).ToTimestamp();
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
            var responses = client.ReadHistoryAsync(history => history.ReadLogs(request, cancellationToken: enough.Token), enough.Token);
            await foreach (var response in responses)
            {
                var entry = response.Entry;
                request.AfterSequence = entry.Sequence; // from where a broken stream goes on
                if (isJson)
                    JsonOutput.WriteLine(JsonOutput.Of(entry));
                else
                    Console.WriteLine(Line(entry));
            }
            return ExitCodes.Done;
        }
        catch (OperationCanceledException) when (enough.IsCancellationRequested)
        {
            return ExitCodes.Interrupted;
        }
    }

    /// <summary>As in <c>2026-01-31T08:15:30.125Z demo-1-r2 a rank 1 warning …</c>.</summary>
    private static string Line(LogEntry entry)
    {
        string rank = entry.HasRank ? string.Create(CultureInfo.InvariantCulture, $" rank {entry.Rank}") : "";
        string level = entry.Level == LogEntry.Types.Level.Unspecified ? "" : $" {Levels[(int)entry.Level - 1]}";
        return Printable.Line($"{UtcTime.Iso(entry.Time.ToDateTimeOffset())} {entry.ReplicaId} {entry.Host}{rank}{level}: {entry.Text}");
    }
}
