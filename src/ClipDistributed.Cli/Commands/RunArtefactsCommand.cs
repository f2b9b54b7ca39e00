using System.CommandLine;
using ClipDistributed.Cli.Coordinators;
using ClipDistributed.Cli.Tables;
using ClipDistributed.Contracts.Control.V1;

namespace ClipDistributed.Cli.Commands;

/// <summary><c>clipd run artefacts</c></summary>
internal static class RunArtefactsCommand
{
    private const int PageSize = 1_000;

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
            var artefacts = await ListAsync(client, result.GetRequiredValue(id), cancel);
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

    /// <summary>By name.</summary>
    private static async Task<IReadOnlyList<Artefact>> ListAsync(CoordinatorClient client, string runId, CancellationToken cancel)
    {
        var all = new List<Artefact>();
        var request = new ListArtefactsRequest { RunId = runId, PageSize = PageSize };
        do
        {
            var page = await client.AskHistoryAsync(history => history.ListArtefactsAsync(request, cancellationToken: cancel), cancel);
            all.AddRange(page.Artefacts);
            request.PageToken = page.NextPageToken;
        }
        while (request.PageToken != "");
        return all;
    }
}
