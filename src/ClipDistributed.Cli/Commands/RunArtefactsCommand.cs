using System.CommandLine;
using ClipDistributed.Cli.Coordinators;
using ClipDistributed.Cli.Tables;
using ClipDistributed.Contracts.Control.V1;

namespace ClipDistributed.Cli.Commands;

/// <summary><c>clipd run artefacts</c></summary>
internal static class RunArtefactsCommand
{
    public static Command Create()
    {
        var id = CommonOptions.RunId();
        var coordinator = CommonOptions.Coordinator();
        var output = CommonOptions.Output();
        var command = new Command("artefacts", "Lists the files of a run: report, predictions, metrics, checkpoints.")
        {
            id, output, coordinator,
        };
        command.SetAction(async (result, cancel) =>
        {
            using var client = coordinator.Connect(result);
            var artefacts = await client.ArtefactsAsync(result.GetRequiredValue(id), cancel);
            if (CommonOptions.IsJson(result, output))
            {
                JsonOutput.Write(artefacts);
                return;
            }
            var table = new TextTable(Column.Path("name"), new Column("size"), new Column("written", Drop: 1));
            foreach (var artefact in artefacts)
                table.Add(artefact.Name, Quantities.Bytes(artefact.Bytes), Quantities.Ago(artefact.Modified, DateTimeOffset.UtcNow));
            table.Write();
        });
        return command;
    }
}
