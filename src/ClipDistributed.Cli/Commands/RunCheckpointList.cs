using ClipDistributed.Cli.Coordinators;
using ClipDistributed.Cli.Tables;
using ClipDistributed.Contracts.Control.V1;
using ClipDistributed.Contracts.Errors;

namespace ClipDistributed.Cli.Commands;

/// <summary>The checkpoints of a coordinator's run, as it lists them.</summary>
internal static class RunCheckpointList
{
    /// <exception cref="BadInputException">There is no such run.</exception>
    public static async Task WriteAsync(string runId, Func<CoordinatorClient> connect, bool asJson, CancellationToken cancel)
    {
        await RunArgument.FindAsync(runId, connect, cancel); // where it is none, it may have been meant as a folder
        using var client = connect();
        var all = await client.CheckpointsAsync(runId, cancel);
        if (asJson)
        {
            JsonOutput.Write(JsonOutput.Of(all));
            return;
        }
        if (all.Count == 0)
        {
            Console.WriteLine($"{runId} has no checkpoints");
            return;
        }
        var table = new TextTable(
            ">attempt", ">step", new Column("saved", Drop: 2), new Column("size", Drop: 3), Column.Text("place", drop: 1), "state");
        var now = DateTimeOffset.UtcNow;
        foreach (var one in all)
            table.Add(
                $"{one.Attempt}", $"{one.Step}", Quantities.Ago(one.Saved, now), Quantities.Bytes(one.Bytes), one.Place, StateOf(one));
        table.Write();
    }

    private static string StateOf(Checkpoint one)
    {
        string[] words = [.. one.Pinned ? ["pinned"] : Array.Empty<string>(), .. one.Abandoned ? ["abandoned"] : Array.Empty<string>()];
        return words.Length == 0 ? "-" : string.Join(", ", words);
    }
}
