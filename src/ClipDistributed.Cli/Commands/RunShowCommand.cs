using System.CommandLine;
using System.Text.Json.Nodes;
using ClipDistributed.Cli.Coordinators;
using ClipDistributed.Cli.Tables;
using ClipDistributed.Contracts.Control.V1;
using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Contracts.Runs;

namespace ClipDistributed.Cli.Commands;

/// <summary><c>clipd run show</c></summary>
internal static class RunShowCommand
{
    public static Command Create()
    {
        var id = CommonOptions.RunId();
        var coordinator = CommonOptions.Coordinator();
        var output = CommonOptions.Output();
        var incidents = new Option<bool>("--incidents")
        {
            Description = "Shows all incidents with what was seen, in full and with their times in UTC; otherwise the newest.",
        };
        var command = new Command("show", "Shows the state of a run, what each of its replicas does, and what cost it time or replicas.")
        {
            id, incidents, output, coordinator,
        };
        command.SetAction(async (result, cancel) =>
        {
            using var client = coordinator.Connect(result);
            var request = new GetRunRequest { RunId = result.GetRequiredValue(id) };
            var answer = await client.AskAsync(control => control.GetRunAsync(request), cancel);
            if (CommonOptions.IsJson(result, output))
            {
                JsonOutput.Write(new JsonObject { ["run"] = JsonOutput.Of(answer.Run), ["incidents"] = JsonOutput.Of(answer.Incidents) });
                return;
            }
            var now = DateTimeOffset.UtcNow;
            Write(answer.Run, now);
            IncidentTable.Write(answer.Incidents, now, result.GetValue(incidents));
        });
        return command;
    }

    private static void Write(Run run, DateTimeOffset now)
    {
        var about = new DetailList();
        about.Add("run", $"{run.RunId} of job {run.JobId}");
        about.Add("state", RunStates.Describe(run));
        about.Add("step", $"{run.Step} of {run.Steps}{(run.HasLoss ? $", loss of the last step {run.Loss:0.0000}" : "")}");
        about.Add("generation", $"{run.Generation}{(run.Term > 1 ? $", led by the coordinator of term {run.Term}" : "")}");
        if (run.MaxReplicas > 0)
            about.Add("replicas", $"{Replicas(run)}, {run.MinReplicas} to {run.MaxReplicas} allowed");
        if (run.Preemptions > 0)
            about.Add(
                "preempted",
                $"{Counted.Plain(run.Preemptions, "time")}{(run.PreemptedBy == "" ? "" : $", now by {run.PreemptedBy}")}");
        if (run.WallSeconds > 0)
            about.Add(
                "goodput",
                $"{100 * run.UsefulSeconds / run.WallSeconds:0} %, {Quantities.Duration(run.UsefulSeconds)} of "
                    + $"{Quantities.Duration(run.WallSeconds)} in steps that count"
            );
        about.Add("directory", run.RunDirectory);
        about.Add(
            "submitted",
            $"{Quantities.Ago(run.Submitted, now)}, started {Quantities.Ago(run.Started, now)}, ended {Quantities.Ago(run.Ended, now)}"
        );
        about.Write();
        var table = new TextTable(
            ">rank", "replica", new Column("host", Drop: 3), new Column("share", Drop: 2), "step", "phase", new Column("memory", Drop: 1));
        foreach (var replica in run.Replicas)
            table.Add(
                $"{replica.Rank}",
                replica.ReplicaId,
                replica.Host,
                $"{replica.Share}",
                $"{replica.Step}",
                run.State.HasEnded() ? "-" : Name(replica.Phase),
                Quantities.Bytes(replica.ResidentBytes)
            );
        if (!table.IsEmpty)
            table.Write();
    }

    private static string Replicas(Run run) =>
        run.State.HasEnded() ? $"none now, {run.ReplicaCount} in its last generation" : $"{run.Replicas.Count}";

    private static string Name(StepPhase phase) => phase == StepPhase.Unspecified ? "-" : phase.ToString().ToLowerInvariant();
}
