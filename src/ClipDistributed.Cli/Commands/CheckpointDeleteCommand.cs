using System.CommandLine;
using ClipDistributed.Cli.Coordinators;
using ClipDistributed.Contracts.Control.V1;

namespace ClipDistributed.Cli.Commands;

/// <summary><c>clipd checkpoint delete</c></summary>
internal static class CheckpointDeleteCommand
{
    public static Command Create()
    {
        var chosen = new CheckpointArguments();
        var coordinator = CommonOptions.Coordinator();
        var command = new Command(
            "delete",
            "Deletes a checkpoint of a coordinator's run. One that is pinned, or that a run which goes on needs, stays."
        )
        {
            chosen.Run, chosen.Step, chosen.Attempt, coordinator,
        };
        command.SetAction(async (result, cancel) =>
        {
            var (runId, step, attempt) = chosen.Of(result);
            var request = new DeleteCheckpointRequest { RunId = runId, Step = step, Attempt = attempt };
            using var client = coordinator.Connect(result);
            await client.CallAsync(
                calls => new CheckpointService.CheckpointServiceClient(calls).DeleteCheckpointAsync(request), cancel, repeatable: false);
            Console.WriteLine($"the checkpoint of step {step} of {runId} is deleted");
        });
        return command;
    }
}
