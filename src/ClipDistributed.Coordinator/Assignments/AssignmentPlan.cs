using ClipDistributed.Contracts.Replica.V1;
using ClipDistributed.Data.Streams;
using Google.Protobuf.Collections;

namespace ClipDistributed.Coordinator.Assignments;

/// <summary>
/// The steps that each rank of one generation is to compute: assigned in pieces, ahead of the slowest replica, up to the last step.
/// </summary>
/// <param name="steps">The last step of the run.</param>
/// <param name="horizon">Steps that may be assigned beyond the slowest replica's last applied one.</param>
internal sealed class AssignmentPlan(StreamOrder order, long generation, Shares shares, long steps, int horizon)
{
    private const int StepsInPiece = 32;

    private readonly List<Stretch> stretches = [new(0, shares)];

    /// <summary>The shares of a step.</summary>
    public Shares At(long step) => Of(step).Shares;

    /// <summary>Other shares from a step on.</summary>
    /// <param name="first">After all steps that any rank was assigned.</param>
    public void Change(long first, Shares next) => stretches.Add(new Stretch(first, next));

    /// <summary>The assignments that are due for a rank.</summary>
    /// <param name="assigned">The last step that it was assigned.</param>
    /// <param name="slowest">The last step that all replicas applied.</param>
    public IReadOnlyList<Assignment> Due(int rank, long assigned, long slowest)
    {
        var due = new List<Assignment>();
        long limit = Math.Min(slowest + horizon, steps);
        int piece = Math.Min(StepsInPiece, horizon);
        // Whole pieces only, so that a message is not sent for every single step; the run's last one is as long as it is.
        while (assigned < limit && (limit - assigned >= piece || limit == steps))
        {
            long first = assigned + 1;
            long end = Math.Min(assigned + piece, limit);
            assigned = stretches.Select(stretch => stretch.First - 1).Append(end).Where(last => last >= first).Min();
            due.Add(For(rank, first, assigned));
        }
        return due;
    }

    private Assignment For(int rank, long first, long last)
    {
        var assignment = new Assignment { Generation = generation, FirstStep = first, LastStep = last };
        var cut = Of(first);
        assignment.Shares.AddRange(cut.Message);
        assignment.Spans.AddRange(SpanPlan.Of(order, first, last, cut.Shares.Of(rank))
            .Select(span => new Span { Shard = span.Shard, FirstRow = (ulong)span.FirstRow, Rows = (ulong)span.Count }));
        return assignment;
    }

    private Stretch Of(long step) => stretches.Last(stretch => stretch.First <= step);

    /// <summary>Steps with the same shares.</summary>
    private sealed record Stretch(long First, Shares Shares)
    {
        /// <summary>The shares as every rank receives them, again and again.</summary>
        public RepeatedField<uint> Message { get; } = [.. Shares.Rows.Select(rows => (uint)rows)];
    }
}
