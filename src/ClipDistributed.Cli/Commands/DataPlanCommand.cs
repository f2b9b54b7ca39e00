using System.CommandLine;
using System.Text.Json.Nodes;
using ClipDistributed.Cli.Tables;
using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Spec;
using ClipDistributed.Data.Manifests;
using ClipDistributed.Data.Preparation;
using ClipDistributed.Data.Streams;

namespace ClipDistributed.Cli.Commands;

/// <summary><c>clipd data plan</c></summary>
internal static class DataPlanCommand
{
    public static Command Create()
    {
        var spec = new Option<string>("--spec")
        {
            Description = "A TrainingSpec, YAML or JSON.",
            HelpName = "file",
            Required = true,
        }.AsPath();
        var step = new Option<long>("--step") { Description = "The step, from 1.", DefaultValueFactory = _ => 1, HelpName = "number" };
        var set = CommonOptions.Set();
        var digest = new Option<bool>("--digest-only") { Description = "Prints the plan digest alone." };
        var output = CommonOptions.Output("text");
        var command = new Command(
            "plan",
            "Prints which samples a step holds, in order, and its plan digest. Needs spec and data, no training."
        )
        {
            spec,
            step,
            set,
            digest,
            output,
        };
        command.SetAction(result =>
        {
            var full = SpecDefaults.Fill(SpecReader.ReadCheckedFile(result.GetRequiredValue(spec), result.GetValue(set) ?? []));
            SpecPaths.MakeAbsolute(full);
            var manifest = ManifestBuilder.Build(
                [.. full.Data.Train], notice: Console.Error.WriteLine, cache: new ManifestCache(ManifestCache.UserFolder));
            var plan = RunPlan.Resolve(full, manifest);
            long number = result.GetValue(step);
            if (number < 1 || number > plan.Steps)
                throw new BadInputException($"--step {number}: this run has the steps 1 to {plan.Steps}.");
            var order = RunPlan.Order(full, manifest);
            var rows = order.Rows(number, new SlotRange(0, plan.GlobalBatch));
            string sum = StepDigest.ToHex(StepDigest.OfPlan(0, rows));
            if (CommonOptions.IsJson(result, output))
            {
                JsonOutput.Write(Describe(number, sum, plan, order, result.GetValue(digest) ? null : rows));
                return;
            }
            if (result.GetValue(digest))
            {
                Console.WriteLine(sum);
                return;
            }
            Console.WriteLine(
                $"step {number} of {plan.Steps}: epoch {order.EpochOf(number)}, step {order.StepInEpoch(number) + 1} of "
                    + $"{plan.StepsPerEpoch} in it; {Counted.Plain(plan.Streams, "stream")}, blocks of "
                    + $"{Counted.Plain(plan.ShuffleBlock, "row")}, {Counted.Plain(plan.LeftOver, "row")} left over"
            );
            Console.WriteLine("slot\tshard\trow");
            for (int slot = 0; slot < rows.Length; slot++)
                Console.WriteLine($"{slot}\t{rows[slot].Shard}\t{rows[slot].Row}");
            Console.WriteLine($"plan digest {sum}");
        });
        return command;
    }

    /// <param name="rows">Null: the digest alone is wanted.</param>
    private static JsonObject Describe(long number, string sum, RunPlan plan, StreamOrder order, IReadOnlyList<SampleId>? rows) =>
        new()
        {
            ["step"] = number,
            ["steps"] = plan.Steps,
            ["epoch"] = order.EpochOf(number),
            ["step_in_epoch"] = order.StepInEpoch(number) + 1,
            ["steps_per_epoch"] = plan.StepsPerEpoch,
            ["streams"] = plan.Streams,
            ["shuffle_block"] = plan.ShuffleBlock,
            ["left_over"] = plan.LeftOver,
            ["plan_digest"] = sum,
            ["rows"] = rows is null
                ? null
                : new JsonArray([
                    .. rows.Select(
                        (row, slot) =>
                            new JsonObject
                            {
                                ["slot"] = slot,
                                ["shard"] = row.Shard,
                                ["row"] = row.Row,
                            }
                    ),
                ]),
        };
}
