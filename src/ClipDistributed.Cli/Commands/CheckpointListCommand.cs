using System.CommandLine;
using System.Text.Json.Nodes;
using ClipDistributed.Cli.Tables;
using ClipDistributed.Contracts.Files;
using ClipDistributed.Contracts.Processes;
using ClipDistributed.Contracts.Runs;
using ClipDistributed.Contracts.Spec;
using ClipDistributed.Data.Checkpoints;
using Google.Protobuf.WellKnownTypes;

namespace ClipDistributed.Cli.Commands;

/// <summary><c>clipd checkpoint list</c></summary>
internal static class CheckpointListCommand
{
    public static Command Create()
    {
        var run = new Argument<string>("run")
        {
            Description = "A run directory, a place in S3 as in s3://bucket/prefix, or the id of a coordinator's run.",
        };
        var coordinator = CommonOptions.Coordinator();
        var output = CommonOptions.Output();
        var command = new Command(
            "list",
            "Lists the checkpoints of a run, newest first. Of a directory or a place in S3 it reads each to its end: exit code 1 where one "
                + "is damaged."
        )
        {
            run, output, coordinator,
        };
        command.SetAction(async (result, cancel) =>
        {
            string given = result.GetRequiredValue(run);
            bool isUrl = given.StartsWith(S3Location.Scheme, StringComparison.Ordinal), isJson = CommonOptions.IsJson(result, output);
            if (!isUrl && RunArgument.Directory(UserPath.Expand(given, "run")) is null)
            {
                await RunCheckpointList.WriteAsync(given, () => coordinator.Connect(result), isJson, cancel);
                return ExitCodes.Done;
            }
            var places = isUrl ? [S3Checkpoints.Open(given)!] : PlacesOf(RunArgument.Directory(UserPath.Expand(given, "run"))!);
            int damaged = 0;
            var json = new JsonArray();
            var table = new TextTable(
                ">attempt", ">step", new Column("saved", Drop: 2), new Column("size", Drop: 3), Column.Text("place", drop: 1),
                Column.Text("state"));
            var rows = places
                .SelectMany(place => place.List(cancel).Select(found => (Place: place, Found: found)))
                .OrderByDescending(row => row.Found.Attempt)
                .ThenByDescending(row => row.Found.Step);
            foreach (var (place, found) in rows)
            {
                string? damage = place.FindDamage(found, cancel);
                damaged += damage is null ? 0 : 1;
                string state = $"{(damage is null ? "verified" : $"damaged: {damage}")}{(found.IsPinned ? ", pinned" : "")}";
                json.Add((JsonNode)new JsonObject
                {
                    ["attempt"] = found.Attempt, ["step"] = found.Step, ["saved"] = UtcTime.Iso(found.Saved), ["bytes"] = found.Bytes,
                    ["place"] = place.Name, ["state"] = damage is null ? "verified" : "damaged", ["damage"] = damage,
                    ["pinned"] = found.IsPinned,
                });
                string saved = Quantities.Ago(found.Saved.ToTimestamp(), DateTimeOffset.UtcNow);
                table.Add($"{found.Attempt}", $"{found.Step}", saved, Quantities.Bytes(found.Bytes), place.Name, state);
            }
            if (isJson)
                JsonOutput.Write(json);
            else if (table.IsEmpty)
                Console.WriteLine($"{given} has no checkpoints");
            else
                table.Write();
            return damaged == 0 ? ExitCodes.Done : ExitCodes.Failed;
        });
        return command;
    }

    /// <summary>A run that keeps its checkpoints in S3 has some of them in its directory too.</summary>
    private static IReadOnlyList<ICheckpointPlace> PlacesOf(RunDirectory directory)
    {
        string location = File.Exists(directory.Spec) ? SpecReader.ReadFile(directory.Spec, []).Checkpoint?.Location ?? "" : "";
        return S3Checkpoints.Open(location) is { } bucket ? [new DiskCheckpoints(directory), bucket] : [new DiskCheckpoints(directory)];
    }
}
