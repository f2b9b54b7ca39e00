using System.CommandLine;
using ClipDistributed.Cli.Exports;
using ClipDistributed.Cli.Tables;
using ClipDistributed.Contracts.Control.V1;
using ClipDistributed.Contracts.Files;

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
            await ArtefactFetch.RunAsync(client, request, into, cancel);
            Console.WriteLine($"{into}: {Quantities.Bytes(request.Offset)}");
        });
        return command;
    }
}
