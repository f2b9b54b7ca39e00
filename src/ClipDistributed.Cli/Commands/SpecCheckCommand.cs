using System.CommandLine;
using ClipDistributed.Cli.Tables;
using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Files;
using ClipDistributed.Contracts.Spec;
using ClipDistributed.Data.Preparation;

namespace ClipDistributed.Cli.Commands;

/// <summary><c>clipd spec check</c></summary>
internal static class SpecCheckCommand
{
    public static Command Create()
    {
        var path = CommonOptions.Spec();
        var set = CommonOptions.Set();
        var data = new Option<bool>("--data")
        {
            Description = "Looks at the data, classes and templates that the spec names too, as train would; reads no images.",
        };
        var command = new Command("check", "Reads a spec and reports all that is wrong with it; with --data also what is wrong with its data.") { path, set, data };
        command.SetAction(result =>
        {
            string file = result.GetRequiredValue(path);
            var given = SpecReader.ReadCheckedFile(file, result.GetValue(set) ?? []);
            if (!result.GetValue(data))
            {
                if (given.Evaluate?.Zeroshot is { } zeroshot && FileKinds.Of(zeroshot.Templates) != FileKind.Missing)
                    PromptTemplates.Read(zeroshot.Templates, "evaluate.zeroshot.templates");
                var full = SpecDefaults.Fill(given);
                Write(PlanNotices.Of(full));
                Console.WriteLine(
                    $"{file}: fine, {Counted.Of(RunPlan.StepsOf(full), "step")} of {full.Batch.Global:N0}; its data were not looked at "
                    + $"(--data does that, and finds out whether there are the {Counted.Of(full.Batch.Global, "pair")} that one step needs)");
                return;
            }
            var (spec, manifest, plan) = RunPreparation.Look(given, say: Console.WriteLine);
            Write(PlanNotices.Of(spec));
            Console.WriteLine($"{file}: fine, and so are its data: {Counted.Of(manifest.Rows, "pair")} in {Counted.Of(manifest.Shards.Count, "shard")}, {Counted.Of(plan.Steps, "step")} of {plan.GlobalBatch:N0}");
        });
        return command;
    }

    private static void Write(IEnumerable<string> notices)
    {
        foreach (string notice in notices)
            Console.WriteLine($"notice: {notice}");
    }
}
