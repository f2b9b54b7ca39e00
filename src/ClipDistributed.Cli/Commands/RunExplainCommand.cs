using System.CommandLine;
using ClipDistributed.Cli.Coordinators;
using ClipDistributed.Cli.Tables;
using ClipDistributed.Cli.Terminals;
using ClipDistributed.Contracts.Control.V1;
using ClipDistributed.Telemetry;

namespace ClipDistributed.Cli.Commands;

/// <summary><c>clipd run explain</c></summary>
internal static class RunExplainCommand
{
    public static Command Create()
    {
        var id = CommonOptions.RunId();
        var coordinator = CommonOptions.Coordinator();
        var output = CommonOptions.Output("text");
        var command = new Command(
            "explain", "Says why a run waits or does what it does, why replicas and hosts were removed, and what happens next.")
        {
            id, output, coordinator,
        };
        command.SetAction(async (result, cancel) =>
        {
            using var client = coordinator.Connect(result);
            var request = new ExplainRunRequest { RunId = result.GetRequiredValue(id) };
            var answer = await client.AskHistoryAsync(history => history.ExplainRunAsync(request, cancellationToken: cancel), cancel);
            if (CommonOptions.IsJson(result, output))
            {
                JsonOutput.Write(JsonOutput.Of(answer));
                return;
            }
            foreach (string sentence in answer.Explanations.Select(explanation => Printable.Line(explanation.Text)))
                Console.WriteLine(TerminalWidth.Now is { } width ? string.Join('\n', CellText.Wrap(sentence, width)) : sentence);
        });
        return command;
    }
}
