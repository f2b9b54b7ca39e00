using System.CommandLine;
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
        var step = new Option<long>("--step") { Description = "The step, from 1.", DefaultValueFactory = _ => 1 };
        var set = CommonOptions.Set();
        var digest = new Option<bool>("--digest-only") { Description = "Prints the plan digest alone." };
        var command = new Command("plan", "Prints which samples a step holds, in order, and its plan digest. Needs spec and data, no training.") { spec, step, set, digest };
        command.SetAction(result =>
        {
            var full = SpecDefaults.Fill(SpecReader.ReadCheckedFile(result.GetRequiredValue(spec), result.GetValue(set) ?? []));
            SpecPaths.MakeAbsolute(full);
            var manifest = ManifestBuilder.Build([.. full.Data.Train]);
            var plan = RunPlan.Resolve(full, manifest);
            long number = result.GetValue(step);
            if (number < 1 || number > plan.Steps)
                throw new BadInputException($"--step {number}: this run has the steps 1 to {plan.Steps}.");
            var order = RunPlan.Order(full, manifest);
            var rows = order.Rows(number, new SlotRange(0, plan.GlobalBatch));
            string sum = StepDigest.ToHex(StepDigest.OfPlan(0, rows));
            if (result.GetValue(digest))
            {
                Console.WriteLine(sum);
                return;
            }
            Console.WriteLine($"step {number} of {plan.Steps}: epoch {order.EpochOf(number)}, step {order.StepInEpoch(number) + 1} of {plan.StepsPerEpoch} in it; {Counted.Plain(plan.Streams, "stream")}, blocks of {Counted.Plain(plan.ShuffleBlock, "row")}, {Counted.Plain(plan.LeftOver, "row")} left over");
            Console.WriteLine("slot\tshard\trow");
            for (int slot = 0; slot < rows.Length; slot++)
                Console.WriteLine($"{slot}\t{rows[slot].Shard}\t{rows[slot].Row}");
            Console.WriteLine($"plan digest {sum}");
        });
        return command;
    }
}
