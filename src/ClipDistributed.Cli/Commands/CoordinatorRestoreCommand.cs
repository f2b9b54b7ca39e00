using System.CommandLine;
using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Files;
using ClipDistributed.Coordinator.Settings;
using ClipDistributed.Coordinator.Store.Backups;

namespace ClipDistributed.Cli.Commands;

/// <summary><c>clipd coordinator restore</c></summary>
internal static class CoordinatorRestoreCommand
{
    public static Command Create()
    {
        var defaults = new CoordinatorOptions();
        var file = new Argument<string>("file") { Description = "As clipd coordinator backup has made it." }.AsPath();
        var state = new Option<string?>("--state")
        {
            Description = $"Folder of the coordinator that is to be started then. [default: {defaults.StateDirectory}]", HelpName = "dir",
        }.AsOptionalPath();
        var store = new Option<string?>("--store")
        {
            Description = "Its PostgreSQL database instead, as of clipd coordinator.", HelpName = "connection",
        };
        var replace = new Option<bool>("--replace")
        {
            Description = "Also where the store has jobs: coordinator.db is set aside; what is in PostgreSQL is gone.",
        };
        var revoke = new Option<bool>("--revoke-tokens")
        {
            Description = "Revokes all tokens of the backup, as some may have been since; make new ones, and start the workers with them.",
        };
        var command = new Command(
            "restore", "Makes the store of a coordinator, which must not run, from a backup. Runs that had not ended go on from their "
                + "newest checkpoints when it is started.")
        {
            file, state, store, replace, revoke,
        };
        command.SetAction(async (result, cancel) =>
        {
            var options = defaults with
            {
                StateDirectory = result.GetValue(state) is { } folder ? Path.GetFullPath(folder) : defaults.StateDirectory,
                Store = CoordinatorCommand.Store(result.GetValue(state), result.GetValue(store)),
            };
            var request = new RestoreRequest(Path.GetFullPath(result.GetRequiredValue(file)))
            {
                Replace = result.GetValue(replace), RevokeTokens = result.GetValue(revoke),
            };
            Write(await new StoreRestore(options, TimeProvider.System).RunAsync(request, cancel));
        });
        return command;
    }

    private static void Write(RestoredStore restored)
    {
        Console.WriteLine(
            $"{restored.Name}: {Counted.Plain(restored.Runs, "run")}, as of {restored.Header.Taken.ToDateTime():yyyy-MM-dd HH:mm:ss} UTC");
        if (restored.Replaced is { } aside)
            Console.WriteLine($"what was there: {aside}");
        if (restored.Active.Count > 0)
            Console.WriteLine($"go on from their newest checkpoints: {string.Join(", ", restored.Active)}");
        if (restored.Tokens > 0)
            Console.WriteLine(
                $"{Counted.Plain(restored.Tokens, "token")} of the backup can be used, also where one was revoked since: "
                    + "look with clipd token list");
    }
}
