using System.CommandLine;
using System.Text.Json.Nodes;
using ClipDistributed.Cli.Tables;
using ClipDistributed.Cli.Verification;
using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Processes;
using ClipDistributed.Contracts.Runs;

namespace ClipDistributed.Cli.Commands;

/// <summary><c>clipd run verify</c></summary>
internal static class RunVerifyCommand
{
    private const int MaxShown = 10;

    public static Command Create()
    {
        var run = new Argument<string>("run") { Description = "A run's id, or its directory; a directory needs no coordinator." }.AsPath();
        var content = new Option<bool>("--content")
        {
            Description = "Reads the samples of every step again and compares their content digests too.",
        };
        var against = new Option<string?>("--against")
        {
            Description = "Compares both digests, step by step, with those of the run in another directory.",
            HelpName = "dir",
        }.AsOptionalPath();
        var coordinator = CommonOptions.Coordinator();
        var output = CommonOptions.Output("text");
        var command = new Command("verify", "Checks that every recorded step held the samples that the spec names. Exit code 1 where one "
            + "did not.") { run, content, against, output, coordinator };
        command.SetAction(async (result, cancel) =>
        {
            var directory = await RunArgument.FindAsync(result.GetRequiredValue(run), () => coordinator.Connect(result), cancel);
            return await VerifyAsync(
                new RunVerification(directory), result.GetValue(content), result.GetValue(against), CommonOptions.IsJson(result, output));
        });
        return command;
    }

    private static async Task<int> VerifyAsync(RunVerification run, bool content, string? against, bool json)
    {
        var differences = run.Gaps().Concat(run.Plans()).ToList();
        var checks = new List<string> { $"plan digests {Verdict(differences)}" };
        var described = new JsonObject
        {
            ["steps"] = run.Steps.Count,
            ["plan_equal"] = differences.Count == 0,
            ["content_equal"] = null,
            ["against"] = null,
        };
        if (content)
        {
            var found = run.Contents();
            checks.Add($"content digests {Verdict(found)}");
            described["content_equal"] = found.Count == 0;
            differences.AddRange(found);
        }
        if (against is not null)
        {
            var found = run.Against(new RunDirectory(Path.GetFullPath(against)), out int compared);
            described["against"] = new JsonObject { ["directory"] = against, ["steps"] = compared, ["equal"] = found.Count == 0 };
            checks.Add($"against {against}, {Counted.Of(compared, "step")}: both digests {Verdict(found)}");
            differences.AddRange(found);
        }
        if (json)
        {
            described["differences"] = JsonOutput.Of(differences);
            JsonOutput.Write(described);
            return differences.Count == 0 ? ExitCodes.Done : ExitCodes.Failed;
        }
        foreach (string difference in differences.Take(MaxShown))
            Console.WriteLine(difference);
        if (differences.Count > MaxShown)
            Console.WriteLine($"… and {differences.Count - MaxShown:N0} more");
        Console.WriteLine($"verified {Counted.Of(run.Steps.Count, "step")}: {string.Join("; ", checks)}");
        return differences.Count == 0 ? ExitCodes.Done : ExitCodes.Failed;
    }

    private static string Verdict(IReadOnlyList<string> differences) => differences.Count == 0 ? "equal" : "DIFFER";
}
