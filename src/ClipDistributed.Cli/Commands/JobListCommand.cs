using System.CommandLine;
using ClipDistributed.Cli.Coordinators;
using ClipDistributed.Cli.Tables;

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
            using var client = coordinator.Connect(result);
            var jobs = await client.JobsAsync(cancel);
            if (CommonOptions.IsJson(result, output))
            {
                JsonOutput.Write(jobs);
                return;
            }
            var now = DateTimeOffset.UtcNow;
            var table = new TextTable(
                "job", new Column("name", Drop: 1), new Column("submitted", Drop: 3), "runs", Column.Path("run directory").Dropped(2));
            foreach (var job in jobs)
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
