using System.CommandLine;
using ClipDistributed.Cli.Coordinators;
using ClipDistributed.Cli.Tables;
using ClipDistributed.Contracts.Control.V1;

namespace ClipDistributed.Cli.Commands;

/// <summary><c>clipd job list</c></summary>
internal static class JobListCommand
{
    public static Command Create()
    {
        var coordinator = CommonOptions.Coordinator();
        var output = CommonOptions.Output();
        var command = new Command("list", "Lists a coordinator's jobs, newest first.") { output, coordinator };
        command.SetAction(async (result, cancel) =>
        {
            using var client = new CoordinatorClient(result.GetRequiredValue(coordinator), TimeProvider.System);
            var answer = await client.AskAsync(control => control.ListJobsAsync(new ListJobsRequest()), cancel);
            if (CommonOptions.IsJson(result, output))
            {
                JsonOutput.Write(answer.Jobs);
                return;
            }
            var now = DateTimeOffset.UtcNow;
            var table = new TextTable(
                "job", new Column("name", Drop: 1), new Column("submitted", Drop: 3), "runs", Column.Path("run directory").Dropped(2));
            foreach (var job in answer.Jobs)
                table.Add(
                    job.JobId, job.Name, Quantities.Ago(job.Submitted, now), string.Join(", ", job.RunIds), job.Spec?.RunDirectory ?? "");
            if (table.IsEmpty)
                Console.WriteLine("no jobs; clipd submit spec.yaml gives the coordinator one");
            else
                table.Write();
        });
        return command;
    }
}
