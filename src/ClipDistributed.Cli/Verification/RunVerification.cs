using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Models;
using ClipDistributed.Contracts.Runs;
using ClipDistributed.Data.Batches;
using ClipDistributed.Data.Preparation;
using ClipDistributed.Data.Samples;
using ClipDistributed.Data.Streams;
using ClipDistributed.Data.Tokens;

namespace ClipDistributed.Cli.Verification;

/// <summary>
/// Compares what a run recorded with what spec and data say that it should have seen. Each comparison returns one line
/// for every step that differs. Needs the run directory alone, and the shards where contents are compared.
/// </summary>
internal sealed class RunVerification
{
    private readonly PreparedRun run;

    /// <exception cref="BadInputException">The directory does not hold a run.</exception>
    public RunVerification(RunDirectory directory)
    {
        Steps = RecordedStep.ReadAll(directory);
        run = PreparedRun.Open(directory);
    }

    public IReadOnlyList<RecordedStep> Steps { get; }

    /// <summary>Steps that are missing or there twice: a run records each once, from 1 on.</summary>
    public IEnumerable<string> Gaps()
    {
        long expected = 1;
        foreach (var step in Steps)
        {
            if (step.Step > expected)
                yield return step.Step == expected + 1
                    ? $"step {expected} is not recorded"
                    : $"steps {expected} to {step.Step - 1} are not recorded";
            if (step.Step < expected)
                yield return $"step {step.Step} is recorded again after step {expected - 1}";
            expected = step.Step + 1;
        }
    }

    /// <summary>Plan digests against the order of samples.</summary>
    public IEnumerable<string> Plans()
    {
        var batch = new SlotRange(0, run.Order.GlobalBatch);
        foreach (var step in Steps)
        {
            string planned = StepDigest.ToHex(StepDigest.OfPlan(0, run.Order.Rows(step.Step, batch)));
            if (planned != step.Plan)
                yield return $"step {step.Step}: its plan digest is {step.Plan}, spec and manifest give {planned}";
        }
    }

    /// <summary>Content digests against the samples as they are stored now, read, decoded and replaced as in training.</summary>
    public IReadOnlyList<string> Contents()
    {
        var model = ModelFolderConfig.ReadFile(run.Directory.Model).ModelCfg;
        var tokenizer = ClipTokenizer.Load(run.Directory.Tokenizer);
        using var samples = SamplePipeline.Open(run, model, tokenizer, PoisonRowsFile.Load(run.Directory));
        var recorded = Steps.ToLookup(step => step.Step);
        long last = Steps.Max(step => step.Step);
        var differences = new List<string>();
        using var batches = samples.Batches(BatchRange.Whole(run.Order.GlobalBatch, 1, last), Environment.ProcessorCount);
        for (long number = 1; number <= last; number++)
        {
            var digest = batches
                .Take()
                .Batch.Samples.Aggregate(default(StepDigest), (sum, row) => sum + StepDigest.Of(row.Slot, row.Planned, row.Used, row.Crc));
            string stored = StepDigest.ToHex(digest.Content);
            differences.AddRange(recorded[number].Where(step => step.Content != stored)
                .Select(step => $"step {step.Step}: its content digest is {step.Content}, the stored samples give {stored}"));
        }
        return differences;
    }

    /// <summary>Both digests against those of another run, over the steps that both have.</summary>
    /// <param name="compared">How many those are.</param>
    /// <exception cref="BadInputException">They have no step in common.</exception>
    public IReadOnlyList<string> Against(RunDirectory other, out int compared)
    {
        var theirs = RecordedStep.ReadAll(other).ToLookup(step => step.Step);
        var pairs = Steps.SelectMany(mine => theirs[mine.Step], (mine, their) => (Mine: mine, Their: their)).ToList();
        compared = pairs.Count;
        if (compared == 0)
            throw new BadInputException($"{run.Directory.Root} and {other.Root} have no step in common; there is nothing to compare.");
        return
        [
            .. from pair in pairs
               from difference in Compare(pair.Mine, pair.Their)
               select difference,
        ];

        IEnumerable<string> Compare(RecordedStep mine, RecordedStep their)
        {
            if (mine.Plan != their.Plan)
                yield return $"step {mine.Step}: its plan digest is {mine.Plan}, in {other.Root} it is {their.Plan}";
            if (mine.Content != their.Content)
                yield return $"step {mine.Step}: its content digest is {mine.Content}, in {other.Root} it is {their.Content}";
        }
    }
}
