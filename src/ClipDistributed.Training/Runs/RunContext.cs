using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Models;
using ClipDistributed.Contracts.Runs;
using ClipDistributed.Contracts.Spec.V1;
using ClipDistributed.Data.Checkpoints;
using ClipDistributed.Data.Preparation;
using ClipDistributed.Data.Tokens;

namespace ClipDistributed.Training.Runs;

/// <summary>All that a replica uses of a run, but tensors; read and checked.</summary>
/// <param name="MicroBatch">Rows that pass through the towers at once, as settled before; 0: this run has not settled it yet.</param>
/// <param name="Bucket">Where checkpoints are kept in S3; null: the run directory keeps them.</param>
/// <param name="Host">That this replica runs on, as the coordinator names it; null: there is no coordinator.</param>
internal sealed record RunContext(
    PreparedRun Prepared, ModelFolderConfig Config, ClipTokenizer Tokenizer, int MicroBatch, S3Checkpoints? Bucket, string? Host)
{
    /// <exception cref="BadInputException">The directory does not hold a run, or its data cannot be seen from here.</exception>
    public static RunContext Open(RunDirectory directory, string? host = null)
    {
        var prepared = PreparedRun.Open(directory);
        prepared.CheckShards();
        var tokenizer = ClipTokenizer.Load(directory.Tokenizer);
        var config = ModelFolderConfig.ReadFile(directory.Model);
        var state = RunInfo.Load(directory.Info);
        var bucket = S3Checkpoints.Open(prepared.Spec.Checkpoint.Location, state.Id);
        bucket?.Check(mustAnswer: state.Attempts.Count == 0); // no run shall train for hours and then find no place to save to
        return new RunContext(prepared, config, tokenizer, state.MicroBatch, bucket, host);
    }

    public RunDirectory Directory => Prepared.Directory;

    public TrainingSpec Spec => Prepared.Spec;

    public RunPlan Plan => Prepared.Plan;
}
