using System.CommandLine;
using ClipDistributed.Cli.Coordinators;
using ClipDistributed.Contracts.Control.V1;

namespace ClipDistributed.Cli.Commands;

/// <summary><c>clipd checkpoint save</c></summary>
internal static class CheckpointSaveCommand
{
    public static Command Create()
    {
        var id = CommonOptions.RunId();
        var coordinator = CommonOptions.Coordinator();
        var command = new Command("save", "Asks a coordinator's run for a checkpoint after its step; training goes on. A clipd train does "
            + "the same on SIGUSR1.") { id, coordinator };
        command.SetAction(async (result, cancel) =>
        {
            string runId = result.GetRequiredValue(id);
            using var client = coordinator.Connect(result);
            await client.AskAsync(control => control.SaveCheckpointAsync(new SaveCheckpointRequest { RunId = runId }), cancel);
            Console.WriteLine($"{runId} saves a checkpoint after its step and goes on; clipd checkpoint list {runId} shows it");
        });
        return command;
    }
}
