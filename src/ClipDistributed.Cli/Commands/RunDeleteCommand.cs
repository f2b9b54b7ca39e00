using System.CommandLine;
using ClipDistributed.Cli.Coordinators;
using ClipDistributed.Contracts.Control.V1;

namespace ClipDistributed.Cli.Commands;

/// <summary><c>clipd run delete</c></summary>
internal static class RunDeleteCommand
{
    public static Command Create()
    {
        var id = CommonOptions.RunId();
        var coordinator = CommonOptions.Coordinator();
        var command = new Command(
            "delete",
            "Removes a run that has ended from the lists of its coordinator. Its directory, with its checkpoints, stays."
        )
        {
            id, coordinator,
        };
        command.SetAction(async (result, cancel) =>
        {
            string runId = result.GetRequiredValue(id);
            using var client = coordinator.Connect(result);
            var answer = await client.AskAsync(
                control => control.DeleteRunAsync(new DeleteRunRequest { RunId = runId }), cancel, repeatable: false);
            Console.WriteLine($"{runId} is deleted; its directory stays: {answer.RunDirectory}");
        });
        return command;
    }
}
