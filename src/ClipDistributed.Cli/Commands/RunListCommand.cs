using System.CommandLine;
using ClipDistributed.Cli.Coordinators;
using ClipDistributed.Cli.Tables;
using ClipDistributed.Contracts.Control.V1;
using ClipDistributed.Contracts.Run.V1;
using Google.Protobuf.WellKnownTypes;

namespace ClipDistributed.Cli.Commands;

/// <summary><c>clipd run list</c></summary>
internal static class RunListCommand
{
    public static Command Create()
    {
        var job = new Option<string>("--job")
        {
            Description = "Only the runs of this job.",
            DefaultValueFactory = _ => "",
            HelpName = "id",
        };
        var state = StateNames<RunState>.Option("Only runs in these states, such as running or failed,stopped.");
        var since = TimeOptions.Since("runs submitted");
        var before = TimeOptions.Before("runs submitted");
        var coordinator = CommonOptions.Coordinator();
        var output = CommonOptions.Output();
        var command = new Command("list", "Lists a coordinator's runs, newest first.") { job, state, since, before, output, coordinator };
        command.SetAction(async (result, cancel) =>
        {
            var request = new ListRunsRequest
            {
                JobId = result.GetRequiredValue(job),
                States = { result.GetValue(state) ?? [] },
                SubmittedSince = result.GetValue(since)?.ToTimestamp(),
                SubmittedBefore = result.GetValue(before)?.ToTimestamp(),
            };
            using var client = coordinator.Connect(result);
            var runs = await client.RunsAsync(request, cancel);
            if (CommonOptions.IsJson(result, output))
            {
                JsonOutput.Write(runs);
                return;
            }
            var now = DateTimeOffset.UtcNow;
            var table = new TextTable(
                "run", "state", "step", "loss", new Column("replicas", Drop: 2), new Column("submitted", Drop: 1),
                Column.Text("reason", drop: 3));
            foreach (var run in runs)
            {
                table.Add(
                    run.RunId, RunStates.Name(run.State), $"{run.Step}/{run.Steps}", run.HasLoss ? $"{run.Loss:0.000}" : "-",
                    RunStates.ReplicasOf(run),
                    Quantities.Ago(run.Submitted, now), run.Reason);
            }
            if (table.IsEmpty)
                Console.WriteLine(request.CalculateSize() > 0
                    ? "no such runs; clipd run list shows all"
                    : "no runs; clipd submit spec.yaml begins one");
            else
                table.Write();
        });
        return command;
    }
}
