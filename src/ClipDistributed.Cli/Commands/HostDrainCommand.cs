using System.CommandLine;
using ClipDistributed.Cli.Coordinators;
using ClipDistributed.Contracts.Control.V1;

namespace ClipDistributed.Cli.Commands;

/// <summary><c>clipd host drain</c></summary>
internal static class HostDrainCommand
{
    public static Command Create()
    {
        var coordinator = CommonOptions.Coordinator();
        var host = new Argument<string>("host") { Description = "Its name, as clipd host list shows it." };
        var undo = new Option<bool>("--undo") { Description = "Offers the host's devices again; ends a quarantine too." };
        var command = new Command("drain", "Removes a worker host's replicas at the next step boundary once others suffice, computing "
            + "nothing twice, and gives it no others.") { coordinator, host, undo };
        command.SetAction(async (result, cancel) =>
        {
            string name = result.GetRequiredValue(host);
            bool isUndo = result.GetValue(undo);
            using var client = coordinator.Connect(result);
            await client.AskAsync(control => control.DrainHostAsync(new DrainHostRequest { Name = name, Undo = isUndo }), cancel);
            Console.WriteLine(isUndo ? $"{name} is offered replicas again" : $"{name} is drained: its replicas leave at the next step "
                + $"boundary, those that a run needs for replicas.min once others take their place; clipd host list shows when they have");
        });
        return command;
    }
}
