using System.CommandLine;
using ClipDistributed.Cli.Coordinators;
using ClipDistributed.Contracts.Control.V1;

namespace ClipDistributed.Cli.Commands;

/// <summary><c>clipd run pause</c></summary>
internal static class RunPauseCommand
{
    public static Command Create()
    {
        var id = CommonOptions.RunId();
        var coordinator = CommonOptions.Coordinator();
        var command = new Command(
            "pause",
            "Asks a run to finish its step, save it and give back its devices; clipd run resume goes on with the very next sample."
        )
        {
            id, coordinator,
        };
        command.SetAction(async (result, cancel) =>
        {
            string runId = result.GetRequiredValue(id);
            using var client = coordinator.Connect(result);
            var before = await client.StateAsync(runId, cancel);
            await client.AskAsync(control => control.PauseRunAsync(new PauseRunRequest { RunId = runId }), cancel);
            Console.WriteLine(Confirmations.Pause(runId, before));
        });
        return command;
    }
}
