using System.CommandLine;
using System.Text.Json.Nodes;
using ClipDistributed.Cli.Tables;
using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Files;
using ClipDistributed.Contracts.Spec;
using ClipDistributed.Contracts.Spec.V1;
using ClipDistributed.Data.Manifests;
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
        var output = CommonOptions.Output("text");
        var command = new Command(
            "check",
            "Reads a spec and reports all that is wrong with it; with --data also what is wrong with its data."
        )
        {
            path,
            set,
            data,
            output,
        };
        command.SetAction(result =>
        {
            var given = SpecReader.ReadCheckedFile(result.GetRequiredValue(path), result.GetValue(set) ?? []);
            bool json = CommonOptions.IsJson(result, output);
            var found = result.GetValue(data) ? CheckWithData(given, json) : CheckAlone(given);
            if (json)
                Describe(found, result.GetRequiredValue(path));
            else
                Write(found, result.GetRequiredValue(path));
        });
        return command;
    }

    private static Checked CheckAlone(TrainingSpec given)
    {
        if (given.Evaluate?.Zeroshot is { } zeroshot && FileKinds.Of(zeroshot.Templates) != FileKind.Missing)
            PromptTemplates.Read(zeroshot.Templates, "evaluate.zeroshot.templates");
        var full = SpecDefaults.Fill(given);
        return new Checked(PlanNotices.Of(full), RunPlan.StepsOf(full), full.Batch.Global, null);
    }

    private static Checked CheckWithData(TrainingSpec given, bool json)
    {
        var (spec, manifest, plan) = RunPreparation.Look(
            given, say: json ? Console.Error.WriteLine : Console.WriteLine, cache: new ManifestCache(ManifestCache.UserFolder));
        return new Checked(PlanNotices.Of(spec), plan.Steps, plan.GlobalBatch, manifest);
    }

    private static void Write(Checked found, string file)
    {
        foreach (string notice in found.Notices)
            Console.WriteLine($"notice: {notice}");
        string steps = $"{Counted.Of(found.Steps, "step")} of {found.GlobalBatch:N0}";
        Console.WriteLine(
            found.Data is { } data
                ? $"{file}: fine, and so are its data: {Counted.Of(data.Rows, "pair")} in {Counted.Of(data.Shards.Count, "shard")}, {steps}"
                : $"{file}: fine, {steps}; its data were not looked at "
                    + $"(--data does that, and finds out whether there are the {Counted.Of(found.GlobalBatch, "pair")} that one step needs)"
        );
    }

    private static void Describe(Checked found, string file) => JsonOutput.Write(new JsonObject
    {
        ["spec"] = file, ["notices"] = JsonOutput.Of(found.Notices), ["steps"] = found.Steps, ["global_batch"] = found.GlobalBatch,
        ["data"] = found.Data is { } data ? new JsonObject { ["pairs"] = data.Rows, ["shards"] = data.Shards.Count } : null,
    });

    /// <summary>A spec in which nothing is wrong.</summary>
    /// <param name="Data">Null: they were not looked at.</param>
    private sealed record Checked(IEnumerable<string> Notices, long Steps, long GlobalBatch, DatasetManifest? Data);
}
