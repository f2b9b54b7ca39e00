using System.CommandLine;
using ClipDistributed.Cli.Coordinators;
using ClipDistributed.Contracts.Control.V1;
using ClipDistributed.Contracts.Errors;

namespace ClipDistributed.Cli.Commands;

/// <summary><c>clipd run scale</c></summary>
internal static class RunScaleCommand
{
    public static Command Create()
    {
        var id = CommonOptions.RunId();
        var min = new Option<uint?>("--min")
        {
            Description = "As replicas.min of a spec: the run computes only with so many.",
            HelpName = "replicas",
        };
        var max = new Option<uint?>("--max")
        {
            Description = "As replicas.max of a spec: the run gets no more than that.",
            HelpName = "replicas",
        };
        var coordinator = CommonOptions.Coordinator();
        var command = new Command(
            "scale",
            "Changes how many replicas a run has while it goes on: more start on free devices, surplus ones leave. No step is lost."
        )
        {
            id, min, max, coordinator,
        };
        command.SetAction(async (result, cancel) =>
        {
            var request = new ScaleRunRequest { RunId = result.GetRequiredValue(id) };
            if (result.GetValue(min) is { } least)
                request.MinReplicas = least;
            if (result.GetValue(max) is { } most)
                request.MaxReplicas = most;
            if (request is { HasMinReplicas: false, HasMaxReplicas: false })
                throw new BadInputException("--min and --max are missing; give one of them, or both.");
            using var client = coordinator.Connect(result);
            await client.AskAsync(control => control.ScaleRunAsync(request), cancel);
            var run = (await client.AskAsync(control => control.GetRunAsync(new GetRunRequest { RunId = request.RunId }), cancel)).Run;
            Console.WriteLine($"{run.RunId} is to have {run.MinReplicas} to {Counted.Plain(run.MaxReplicas, "replica")}");
        });
        return command;
    }
}
