using System.CommandLine;
using ClipDistributed.Cli.Coordinators;
using ClipDistributed.Cli.Tables;
using ClipDistributed.Contracts.Control.V1;
using ClipDistributed.Contracts.Run.V1;

namespace ClipDistributed.Cli.Commands;

/// <summary><c>clipd run show</c></summary>
internal static class RunShowCommand
{
    public static Command Create()
    {
        var id = CommonOptions.RunId();
        var coordinator = CommonOptions.Coordinator();
        var command = new Command("show", "Shows where a run stands and what each of its replicas does.") { id, coordinator };
        command.SetAction(async (result, cancel) =>
        {
            using var client = new CoordinatorClient(result.GetRequiredValue(coordinator), TimeProvider.System);
            var run = (await client.AskAsync(control => control.GetRunAsync(new GetRunRequest { RunId = result.GetRequiredValue(id) }), cancel)).Run;
            Write(run, DateTimeOffset.UtcNow);
        });
        return command;
    }

    private static void Write(Run run, DateTimeOffset now)
    {
        Console.WriteLine($"run         {run.RunId} of job {run.JobId}");
        Console.WriteLine($"phase       {RunPhases.Describe(run)}");
        Console.WriteLine($"step        {run.Step} of {run.Steps}{(run.HasLoss ? $", loss {run.Loss:0.0000}" : "")}");
        Console.WriteLine($"generation  {run.Generation}{(run.Term > 1 ? $", led by the coordinator of term {run.Term}" : "")}");
        Console.WriteLine($"directory   {run.RunDirectory}");
        Console.WriteLine($"submitted   {Quantities.Ago(run.Submitted, now)}, started {Quantities.Ago(run.Started, now)}, ended {Quantities.Ago(run.Ended, now)}");
        var table = new TextTable("rank", "replica", "host", "share", "step", "phase", "memory");
        foreach (var replica in run.Replicas)
            table.Add($"{replica.Rank}", replica.ReplicaId, replica.Host, $"{replica.Share}", $"{replica.Step}", RunPhases.HasEnded(run.Phase) ? "-" : Name(replica.Phase), Quantities.Bytes(replica.ResidentBytes));
        if (!table.IsEmpty)
            table.Write();
    }

    private static string Name(StepPhase phase) => phase == StepPhase.Unspecified ? "-" : phase.ToString().ToLowerInvariant();
}
