using System.CommandLine;
using ClipDistributed.Cli.Coordinators;
using ClipDistributed.Cli.Tables;
using ClipDistributed.Contracts.Control.V1;
using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Files;
using ClipDistributed.Contracts.Processes;

namespace ClipDistributed.Cli.Commands;

/// <summary><c>clipd run download</c></summary>
internal static class RunDownloadCommand
{
    public static Command Create()
    {
        var id = CommonOptions.RunId();
        var name = new Argument<string>("name") { Description = "As clipd run artefacts lists it, such as report.html." };
        var target = new Option<string?>("--out") { Description = "The new file. [default: its name, in this folder]", HelpName = "file" }
            .AsOptionalPath();
        var coordinator = CommonOptions.Coordinator();
        var command = new Command("download", "Fetches a file of a run: its report, its predictions, a file of a checkpoint.")
        {
            id, name, target, coordinator,
        };
        command.SetAction(async (result, cancel) =>
        {
            var request = new ReadArtefactRequest { RunId = result.GetRequiredValue(id), Name = result.GetRequiredValue(name) };
            string into = Path.GetFullPath(result.GetValue(target) ?? Path.GetFileName(request.Name));
            OutputPath.CheckFile(into, "--out", replaces: false);
            using var client = coordinator.Connect(result);
            await FetchAsync(client, request, into, cancel);
            Console.WriteLine($"{into}: {Quantities.Bytes(request.Offset)}");
        });
        return command;
    }

    /// <summary>The file gets its name when it is whole.</summary>
    /// <param name="request">Its offset grows to where a broken stream goes on.</param>
    /// <exception cref="CoordinatorException">The coordinator cannot be reached, or the file was cut meanwhile.</exception>
    private static async Task FetchAsync(CoordinatorClient client, ReadArtefactRequest request, string into, CancellationToken cancel)
    {
        FileStream? file = null;
        string temporary = GuardedFile.TemporaryName(into);
        using var pending = PendingOutput.Create(temporary, () => file = GuardedFile.CreateNew(temporary));
        await using (file)
        {
            long total = 0;
            var pieces = client.ReadHistoryAsync(history => history.ReadArtefact(request, cancellationToken: cancel), cancel);
            await foreach (var piece in pieces)
            {
                await file!.WriteAsync(piece.Data.Memory, cancel);
                (request.Offset, total) = (piece.Offset + piece.Data.Length, piece.TotalBytes);
            }
            if (request.Offset < total)
                throw new CoordinatorException(
                    $"{request.Name} was cut to {request.Offset} of {Counted.Plain(total, "byte")} while it was read; fetch it again",
                    ExitCodes.Failed);
        }
        File.Move(temporary, into, overwrite: false);
    }
}
