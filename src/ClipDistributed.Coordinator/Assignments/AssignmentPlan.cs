using ClipDistributed.Contracts.Replica.V1;
using ClipDistributed.Data.Streams;

namespace ClipDistributed.Coordinator.Assignments;

/// <summary>What each rank of one generation is to compute: dealt out in pieces, ahead of the slowest replica, never beyond the last step.</summary>
/// <param name="steps">The last step of the run.</param>
/// <param name="horizon">Steps that may be assigned beyond the slowest replica's last applied one.</param>
internal sealed class AssignmentPlan(StreamOrder order, long generation, Shares shares, long steps, int horizon)
{
    private const int StepsInPiece = 32;

    private readonly List<(long First, Shares Shares)> stretches = [(0, shares)];

    /// <summary>How a step's batch is cut.</summary>
    public Shares At(long step) => stretches.Last(stretch => stretch.First <= step).Shares;

    /// <summary>Cuts the batch otherwise from a step on.</summary>
    /// <param name="first">Behind all that any rank was assigned.</param>
    public void Change(long first, Shares next) => stretches.Add((first, next));

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
            assigned = stretches.Select(stretch => stretch.First - 1).Append(Math.Min(assigned + piece, limit)).Where(last => last >= first).Min();
            yield return For(rank, first, assigned);
        }
    }

    private Assignment For(int rank, long first, long last)
    {
        var assignment = new Assignment { Generation = generation, FirstStep = first, LastStep = last };
        var cut = At(first);
        assignment.Shares.AddRange(cut.Rows.Select(rows => (uint)rows));
        assignment.Spans.AddRange(SpanPlan.Of(order, first, last, cut.Of(rank))
            .Select(span => new Span { Shard = span.Shard, FirstRow = (ulong)span.FirstRow, Rows = (ulong)span.Count }));
        return assignment;
    }
}
