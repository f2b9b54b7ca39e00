using System.CommandLine;
using ClipDistributed.Cli.Tables;
using ClipDistributed.Contracts.Files;
using ClipDistributed.Contracts.Spec;
using ClipDistributed.Data.Preparation;

namespace ClipDistributed.Cli.Commands;

/// <summary><c>clipd spec check</c></summary>
internal static class SpecCheckCommand
{
    public static Command Create()
    {
        var spec = CommonOptions.Spec();
        var set = CommonOptions.Set();
        var data = new Option<bool>("--data")
        {
            Description = "Looks at the data, classes and templates that the spec names too, as train would; reads no images.",
        };
        var command = new Command("check", "Reads a spec and reports all that is wrong with it; with --data also what is wrong with its data.") { spec, set, data };
        command.SetAction(result =>
        {
            string file = result.GetRequiredValue(spec);
            var given = SpecReader.ReadCheckedFile(file, result.GetValue(set) ?? []);
            if (!result.GetValue(data))
            {
                if (given.Evaluate?.Zeroshot is { } zeroshot && FileKinds.Of(zeroshot.Templates) != FileKind.Missing)
                    PromptTemplates.Read(zeroshot.Templates, "evaluate.zeroshot.templates");
                Console.WriteLine($"{file}: fine; its data were not looked at (--data does that)");
                return;
            }
            var (_, manifest, plan) = RunPreparation.Look(given, say: Console.WriteLine);
            Console.WriteLine($"{file}: fine, and so are its data: {Quantities.Count(manifest.Rows, "pair")} in {Quantities.Count(manifest.Shards.Count, "shard")}, {Quantities.Count(plan.Steps, "step")} of {plan.GlobalBatch:N0}");
        });
        return command;
    }
}
