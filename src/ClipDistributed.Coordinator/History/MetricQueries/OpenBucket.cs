using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Coordinator.Store.Rows;

namespace ClipDistributed.Coordinator.History.MetricQueries;

/// <summary>The newest bucket of a width while its steps come in.</summary>
/// <param name="Number">Of the bucket, from 0.</param>
internal sealed record OpenBucket(int Width, long Number, long Attempt, long FirstSequence)
{
    public long LastSequence { get; private set; } = FirstSequence;

    public StepSummary Summary { get; } = new();

    /// <summary>The bucket that a step belongs to, steps counting from 1.</summary>
    public static long NumberOf(long step, long width) => (step - 1) / width;

    public bool Takes(long step, long attempt) => NumberOf(step, Width) == Number && attempt == Attempt;

    public void Add(StepMetrics step, long sequence, DateTime recorded)
    {
        Summary.Add(step, recorded);
        LastSequence = sequence;
    }

    /// <summary>Goes on with what a narrower one holds.</summary>
    public void Add(RollupRow narrower)
    {
        Summary.Add(StepSummary.Parse(narrower.Summary));
        LastSequence = narrower.LastSequence;
    }

    public RollupRow ToRow(string runId) => new()
    {
        RunId = runId,
        Width = Width,
        Bucket = Number,
        FirstSequence = FirstSequence,
        LastSequence = LastSequence,
        Attempt = Attempt,
        Summary = Summary.ToBytes(),
    };
}
