using System.CommandLine;
using ClipDistributed.Cli.Coordinators;
using ClipDistributed.Contracts.Control.V1;

namespace ClipDistributed.Cli.Commands;

/// <summary><c>clipd checkpoint unpin</c></summary>
internal static class CheckpointUnpinCommand
{
    public static Command Create()
    {
        var chosen = new CheckpointArguments();
        var coordinator = CommonOptions.Coordinator();
        var command = new Command("unpin", "Undoes clipd checkpoint pin.")
        {
            chosen.Run, chosen.Step, chosen.Attempt, coordinator,
        };
        command.SetAction(async (result, cancel) =>
        {
            var (runId, step, attempt) = chosen.Of(result);
            var request = new PinCheckpointRequest { RunId = runId, Step = step, Attempt = attempt, Undo = true };
            using var client = coordinator.Connect(result);
            await client.CallAsync(calls => new CheckpointService.CheckpointServiceClient(calls).PinCheckpointAsync(request), cancel);
            Console.WriteLine($"the checkpoint of step {step} of {runId} is no longer pinned");
        });
        return command;
    }
}
