using ClipDistributed.Contracts.Replica.V1;
using ClipDistributed.Data.Streams;

namespace ClipDistributed.Coordinator.Assignments;

/// <summary>What each rank of one generation is to compute: dealt out in pieces, ahead of the slowest replica, never beyond the last step.</summary>
/// <param name="steps">The last step of the run.</param>
/// <param name="horizon">Steps that may be assigned beyond the slowest replica's last applied one.</param>
internal sealed class AssignmentPlan(StreamOrder order, long generation, Shares shares, long steps, int horizon)
{
    private const int StepsInPiece = 32;

    public Shares Shares => shares;

    /// <summary>What is to be sent to a rank now.</summary>
    /// <param name="assigned">The last step that it was assigned.</param>
    /// <param name="slowest">The last step that all replicas applied.</param>
    public IEnumerable<Assignment> Due(int rank, long assigned, long slowest)
    {
        long limit = Math.Min(slowest + horizon, steps);
        int piece = Math.Min(StepsInPiece, horizon);
        // Whole pieces only, so that a message is not sent for every single step; the run's last one is as long as it is.
        while (assigned < limit && (limit - assigned >= piece || limit == steps))
        {
            long first = assigned + 1;
            assigned = Math.Min(assigned + piece, limit);
            yield return For(rank, first, assigned);
        }
    }

    private Assignment For(int rank, long first, long last)
    {
        var assignment = new Assignment { Generation = generation, FirstStep = first, LastStep = last };
        assignment.Shares.AddRange(shares.Rows.Select(rows => (uint)rows));
        assignment.Spans.AddRange(SpanPlan.Of(order, first, last, shares.Of(rank))
            .Select(span => new Span { Shard = span.Shard, FirstRow = (ulong)span.FirstRow, Rows = (ulong)span.Count }));
        return assignment;
    }
}
