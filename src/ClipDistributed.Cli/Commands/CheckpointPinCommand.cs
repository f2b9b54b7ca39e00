using System.CommandLine;
using ClipDistributed.Cli.Coordinators;
using ClipDistributed.Contracts.Control.V1;

namespace ClipDistributed.Cli.Commands;

/// <summary><c>clipd checkpoint pin</c></summary>
internal static class CheckpointPinCommand
{
    public static Command Create()
    {
        var chosen = new CheckpointArguments();
        var coordinator = CommonOptions.Coordinator();
        var command = new Command(
            "pin",
            "Keeps a checkpoint of a coordinator's run when newer ones are saved; it cannot be deleted either."
        )
        {
            chosen.Run, chosen.Step, chosen.Attempt, coordinator,
        };
        command.SetAction(async (result, cancel) =>
        {
            var (runId, step, attempt) = chosen.Of(result);
            var request = new PinCheckpointRequest { RunId = runId, Step = step, Attempt = attempt };
            using var client = coordinator.Connect(result);
            await client.CallAsync(calls => new CheckpointService.CheckpointServiceClient(calls).PinCheckpointAsync(request), cancel);
            Console.WriteLine($"the checkpoint of step {step} of {runId} is pinned");
        });
        return command;
    }
}
