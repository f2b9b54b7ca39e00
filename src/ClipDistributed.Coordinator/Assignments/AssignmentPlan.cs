using ClipDistributed.Contracts.Replica.V1;
using ClipDistributed.Data.Streams;

namespace ClipDistributed.Coordinator.Assignments;

/// <summary>Deals out the steps of one generation: in pieces, ahead of the slowest replica, never beyond the last step.</summary>
/// <param name="unit">Rows that must stay together.</param>
/// <param name="startStep">The applied step that the generation starts from.</param>
/// <param name="steps">The last step of the run.</param>
/// <param name="horizon">Steps that may be assigned beyond the slowest replica's last applied one.</param>
internal sealed class AssignmentPlan(StreamOrder order, int unit, long generation, int world, long startStep, long steps, int horizon)
{
    private const int StepsInPiece = 32;

    private long assigned = startStep; // the last step that was dealt out

    public Shares Shares { get; } = Shares.Even(order.GlobalBatch, world, unit);

    /// <summary>What is to be sent now, for each piece one assignment per rank.</summary>
    /// <param name="slowest">The last step that all replicas applied.</param>
    public IEnumerable<IReadOnlyList<Assignment>> Due(long slowest)
    {
        long limit = Math.Min(slowest + horizon, steps);
        int piece = Math.Min(StepsInPiece, horizon);
        // Whole pieces only, so that a message is not sent for every single step; the run's last one is as long as it is.
        while (assigned < limit && (limit - assigned >= piece || limit == steps))
        {
            long first = assigned + 1;
            assigned = Math.Min(assigned + piece, limit);
            yield return [.. Enumerable.Range(0, world).Select(rank => For(rank, first, assigned))];
        }
    }

    private Assignment For(int rank, long first, long last)
    {
        var assignment = new Assignment { Generation = generation, FirstStep = first, LastStep = last };
        assignment.Shares.AddRange(Shares.Rows.Select(rows => (uint)rows));
        assignment.Spans.AddRange(SpanPlan.Of(order, first, last, Shares.Of(rank))
            .Select(span => new Span { Shard = span.Shard, FirstRow = (ulong)span.FirstRow, Rows = (ulong)span.Count }));
        return assignment;
    }
}
