using System.CommandLine;
using ClipDistributed.Cli.Coordinators;
using ClipDistributed.Cli.Tables;
using ClipDistributed.Cli.Terminals;
using ClipDistributed.Contracts.Control.V1;
using ClipDistributed.Contracts.Errors;
using Google.Protobuf.WellKnownTypes;

namespace ClipDistributed.Cli.Commands;

/// <summary><c>clipd audit list</c></summary>
internal static class AuditListCommand
{
    private const int DefaultLimit = 100;

    public static Command Create()
    {
        var owner = new Option<string?>("--owner") { Description = "Only what this owner of a token did.", HelpName = "name" };
        var target = new Option<string?>("--target")
        {
            Description = "Only what concerns this run, job, host or token.",
            HelpName = "id",
        };
        var limit = new Option<int>("--limit")
        {
            Description = "The newest entries, so many at most.",
            DefaultValueFactory = _ => DefaultLimit,
            HelpName = "count",
        };
        limit.Validators.Add(result =>
        {
            if (!UnreadValue.IsIn(result) && result.GetValueOrDefault<int>() < 1)
                result.AddError("--limit is less than 1; give a count of entries.");
        });
        var since = TimeOptions.Since("what happened");
        var before = TimeOptions.Before("what happened");
        var coordinator = CommonOptions.Coordinator();
        var output = CommonOptions.Output();
        var command = new Command("list", "Lists who has changed what, and who was refused, newest first.")
        {
            owner, target, since, before, limit, output, coordinator,
        };
        command.SetAction(async (result, cancel) =>
        {
            var request = new ListAuditEntriesRequest
            {
                Owner = result.GetValue(owner) ?? "",
                Target = result.GetValue(target) ?? "",
                TimeSince = result.GetValue(since)?.ToTimestamp(),
                TimeBefore = result.GetValue(before)?.ToTimestamp(),
            };
            using var client = coordinator.Connect(result);
            int max = result.GetValue(limit);
            var entries = await client.AuditAsync(request, max, cancel);
            if (CommonOptions.IsJson(result, output))
            {
                JsonOutput.Write(entries);
                return;
            }
            Write(entries);
            if (entries.Count == max)
                Console.WriteLine($"the newest {Counted.Plain(max, "entry", "entries")}; --limit shows more, --since and --before others");
        });
        return command;
    }

    private static void Write(IReadOnlyList<AuditEntry> entries)
    {
        var table = new TextTable(
            "time", "by", new Column("token", Drop: 1), new Column("from", Drop: 2), "what", "target",
            Column.Text("values", drop: 3), "result");
        foreach (var entry in entries)
            table.Add(
                Quantities.Moment(entry.Time), entry.Owner == "" ? "-" : entry.Owner, entry.TokenId, entry.Address,
                entry.Verb, entry.Target, entry.Values, entry.Result);
        if (table.IsEmpty)
            Console.WriteLine("no entries");
        else
            table.Write();
    }
}
