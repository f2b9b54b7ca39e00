using System.CommandLine;
using ClipDistributed.Cli.Coordinators;
using ClipDistributed.Contracts.Control.V1;

namespace ClipDistributed.Cli.Commands;

/// <summary><c>clipd run rollback</c></summary>
internal static class RunRollBackCommand
{
    public static Command Create()
    {
        var id = CommonOptions.RunId();
        var to = new Option<long>("--to")
        {
            Description = "The step of the checkpoint, as clipd checkpoint list shows it.", Required = true, HelpName = "step",
        };
        var attempt = CheckpointArguments.NewAttempt();
        var coordinator = CommonOptions.Coordinator();
        var command = new Command(
            "rollback",
            "Lets a run go on from one of its checkpoints, as a new attempt. What it abandons stays in its directory and its history."
        )
        {
            id, to, attempt, coordinator,
        };
        command.SetAction(async (result, cancel) =>
        {
            string runId = result.GetRequiredValue(id);
            var request = new RollBackRunRequest
            {
                RunId = runId, Step = result.GetRequiredValue(to), Attempt = result.GetValue(attempt),
            };
            using var client = coordinator.Connect(result);
            await client.CallAsync(
                calls => new CheckpointService.CheckpointServiceClient(calls).RollBackRunAsync(request), cancel, repeatable: false);
            Console.WriteLine(
                $"{runId} saves its step and goes on from the checkpoint of step {request.Step}; clipd run watch {runId} shows when");
        });
        return command;
    }
}
