using System.CommandLine;
using ClipDistributed.Cli.Coordinators;
using ClipDistributed.Contracts.Control.V1;

namespace ClipDistributed.Cli.Commands;

/// <summary><c>clipd run stop</c></summary>
internal static class RunStopCommand
{
    public static Command Create()
    {
        var id = CommonOptions.RunId();
        var coordinator = CommonOptions.Coordinator();
        var command = new Command("stop", "Asks a run to finish its step, save a checkpoint and end. clipd submit SPEC --resume goes "
            + "on with the very next sample.") { id, coordinator };
        command.SetAction(async (result, cancel) =>
        {
            string runId = result.GetRequiredValue(id);
            using var client = coordinator.Connect(result);
            var before = await client.StateAsync(runId, cancel);
            await client.AskAsync(control => control.StopRunAsync(new StopRunRequest { RunId = runId }), cancel);
            Console.WriteLine(Confirmations.Stop(runId, before));
        });
        return command;
    }
}
