using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Records;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Contracts.Runs;

namespace ClipDistributed.Cli.Verification;

/// <summary>What a run wrote down about the samples of a step: the two digests, as hexadecimal digits.</summary>
internal sealed record RecordedStep(long Step, string Plan, string Content)
{
    /// <summary>All steps of metrics.jsonl, in the order of its lines.</summary>
    /// <exception cref="BadInputException">The directory holds no run, or one without a step.</exception>
    public static IReadOnlyList<RecordedStep> ReadAll(RunDirectory directory)
    {
        if (!File.Exists(directory.Metrics))
            throw new BadInputException(
                $"{directory.Root} holds no run: it has no {Path.GetFileName(directory.Metrics)}. Give the run_directory of a run that "
                    + $"has begun."
            );
        List<RecordedStep> steps =
        [
            .. RunLines
                .Read(directory.Metrics)
                .OfType<string>()
                .Select(line => RunRecordJson.TryParse(line)?.Step)
                .OfType<StepMetrics>()
                .Select(step => new RecordedStep(step.Step, step.PlanDigest, step.ContentDigest)),
        ];
        if (steps.FirstOrDefault(step => step.Step is < 1 or > uint.MaxValue) is { } wrong)
            throw new BadInputException($"{directory.Metrics} has a step {wrong.Step}; steps count from 1, and no run has so many.");
        return steps.Count > 0 ? steps : throw new BadInputException($"{directory.Metrics} has no steps yet; there is nothing to verify.");
    }
}
