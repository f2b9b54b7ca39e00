using System.CommandLine;
using ClipDistributed.Cli.Coordinators;
using ClipDistributed.Cli.Tables;
using ClipDistributed.Contracts.Control.V1;
using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Files;
using ClipDistributed.Coordinator.Store.Backups;

namespace ClipDistributed.Cli.Commands;

/// <summary><c>clipd coordinator backup</c></summary>
internal static class CoordinatorBackupCommand
{
    public static Command Create()
    {
        var file = new Argument<string>("file") { Description = "The new file, which its owner alone can read." }.AsPath();
        var coordinator = CommonOptions.Coordinator();
        var command = new Command(
            "backup", "Saves what a running coordinator knows, as of one moment, to a file on this machine: jobs, runs, history, tokens, "
                + "the audit. Run directories, certificates and the file of the machine's token are not in it.")
        {
            file, coordinator,
        };
        command.SetAction(async (result, cancel) =>
        {
            string path = Path.GetFullPath(result.GetRequiredValue(file));
            OutputPath.CheckFile(path, "file", replaces: false);
            using var client = coordinator.Connect(result);
            var header = await FetchAsync(client, path, cancel);
            Console.WriteLine(
                $"{path}: {Quantities.Bytes(new FileInfo(path).Length)}, as of {header.Taken.ToDateTime():yyyy-MM-dd HH:mm:ss} UTC");
        });
        return command;
    }

    /// <summary>The file gets its name when it is whole, and was read.</summary>
    /// <exception cref="CoordinatorException">The coordinator cannot be reached.</exception>
    private static async Task<BackupHeader> FetchAsync(CoordinatorClient client, string path, CancellationToken cancel)
    {
        FileStream? file = null;
        string temporary = GuardedFile.TemporaryName(path);
        using var pending = PendingOutput.Create(temporary, () => file = GuardedFile.CreateNew(temporary));
        await using (file)
        {
            var pieces = client.StreamAsync(
                calls =>
                {
                    file!.SetLength(0); // one that breaks off is made anew: the store has changed since
                    return new AdminService.AdminServiceClient(calls).BackUpStore(new BackUpStoreRequest(), cancellationToken: cancel);
                },
                cancel);
            await foreach (var piece in pieces)
                await file!.WriteAsync(piece.Data.Memory, cancel);
        }
        var header = BackupFile.Check(temporary);
        if (File.Exists(path)) // since it was looked at
            throw new BadInputException($"{path} exists; name a new file, or remove it.");
        DurableFile.Replace(temporary, path);
        return header;
    }
}
