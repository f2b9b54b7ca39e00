using System.CommandLine;
using ClipDistributed.Cli.Coordinators;
using ClipDistributed.Cli.Tables;
using ClipDistributed.Contracts.Control.V1;
using ClipDistributed.Contracts.Spec;

namespace ClipDistributed.Cli.Commands;

/// <summary><c>clipd job show</c></summary>
internal static class JobShowCommand
{
    public static Command Create()
    {
        var id = new Argument<string>("job") { Description = "The job's id, as clipd job list shows it." };
        var coordinator = CommonOptions.Coordinator();
        var output = CommonOptions.Output();
        var command = new Command("show", "Shows a job, its runs, and its spec with all values.") { id, output, coordinator };
        command.SetAction(async (result, cancel) =>
        {
            using var client = coordinator.Connect(result);
            var request = new GetJobRequest { JobId = result.GetRequiredValue(id) };
            var job = (await client.AskAsync(control => control.GetJobAsync(request), cancel)).Job;
            if (CommonOptions.IsJson(result, output))
            {
                JsonOutput.Write(JsonOutput.Of(job));
                return;
            }
            var about = new DetailList();
            about.Add("job", job.JobId);
            about.Add("name", job.Name);
            about.Add("submitted", Quantities.Ago(job.Submitted, DateTimeOffset.UtcNow));
            about.Add("runs", string.Join(", ", job.RunIds));
            about.Write();
            Console.Write(job.Spec is null ? "its spec is damaged in the coordinator's store\n" : $"\n{SpecWriter.Write(job.Spec)}");
        });
        return command;
    }
}
