using System.CommandLine;
using ClipDistributed.Cli.Coordinators;
using ClipDistributed.Contracts.Control.V1;

namespace ClipDistributed.Cli.Commands;

/// <summary><c>clipd run cancel</c></summary>
internal static class RunCancelCommand
{
    public static Command Create()
    {
        var id = CommonOptions.RunId();
        var coordinator = CommonOptions.Coordinator();
        var command = new Command("cancel", "Ends a run at once. Nothing is saved; earlier checkpoints stay.") { id, coordinator };
        command.SetAction(async (result, cancel) =>
        {
            string runId = result.GetRequiredValue(id);
            using var client = coordinator.Connect(result);
            var before = await client.StateAsync(runId, cancel);
            await client.AskAsync(control => control.CancelRunAsync(new CancelRunRequest { RunId = runId }), cancel);
            Console.WriteLine(Confirmations.Cancel(runId, before));
        });
        return command;
    }
}
