using System.CommandLine;
using ClipDistributed.Cli.Coordinators;
using ClipDistributed.Contracts.Control.V1;

namespace ClipDistributed.Cli.Commands;

/// <summary><c>clipd run resume</c></summary>
internal static class RunResumeCommand
{
    public static Command Create()
    {
        var id = CommonOptions.RunId();
        var coordinator = CommonOptions.Coordinator();
        var command = new Command(
            "resume",
            "Lets a paused run go on after its last step, as soon as there are devices for it."
        )
        {
            id, coordinator,
        };
        command.SetAction(async (result, cancel) =>
        {
            string runId = result.GetRequiredValue(id);
            using var client = coordinator.Connect(result);
            var before = await client.StateAsync(runId, cancel);
            await client.AskAsync(control => control.ResumeRunAsync(new ResumeRunRequest { RunId = runId }), cancel);
            Console.WriteLine(Confirmations.Resume(runId, before));
        });
        return command;
    }
}
