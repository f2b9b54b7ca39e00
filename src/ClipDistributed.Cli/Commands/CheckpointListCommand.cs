using System.CommandLine;
using ClipDistributed.Cli.Coordinators;
using ClipDistributed.Cli.Tables;
using ClipDistributed.Contracts.Checkpoints;
using ClipDistributed.Contracts.Control.V1;
using ClipDistributed.Contracts.Runs;
using Google.Protobuf.WellKnownTypes;

namespace ClipDistributed.Cli.Commands;

/// <summary><c>clipd checkpoint list</c></summary>
internal static class CheckpointListCommand
{
    public static Command Create()
    {
        var run = new Argument<string>("run") { Description = "A run directory, or the id of a coordinator's run." };
        var coordinator = CommonOptions.Coordinator();
        var command = new Command("list", "Reads every checkpoint of a run and says which are whole, newest first.") { run, coordinator };
        command.SetAction(async (result, cancel) =>
        {
            string directory = await FindAsync(result.GetRequiredValue(run), result.GetRequiredValue(coordinator), cancel);
            var table = new TextTable("attempt", "step", "saved", "size", "state");
            foreach (var found in CheckpointFolder.Of(new RunDirectory(directory)))
            {
                string state = CheckpointFiles.FindDamage(found.Path, cancel) is { } damage ? $"damaged: {damage}" : "verified";
                table.Add($"{found.Attempt}", $"{found.Step}", Quantities.Ago(Directory.GetLastWriteTimeUtc(found.Path).ToTimestamp(), DateTimeOffset.UtcNow), Quantities.Bytes(SizeOf(found.Path)), state);
            }
            if (table.IsEmpty)
                Console.WriteLine($"{directory} has no checkpoints");
            else
                table.Write();
        });
        return command;
    }

    /// <summary>A folder counts as a run directory; anything else is asked for.</summary>
    private static async Task<string> FindAsync(string run, string coordinator, CancellationToken cancel)
    {
        if (Directory.Exists(run))
            return Path.GetFullPath(run);
        using var client = new CoordinatorClient(coordinator, TimeProvider.System);
        return (await client.AskAsync(control => control.GetRunAsync(new GetRunRequest { RunId = run }), cancel)).Run.RunDirectory;
    }

    private static long SizeOf(string folder) => new DirectoryInfo(folder).EnumerateFiles().Sum(file => file.Length);
}
