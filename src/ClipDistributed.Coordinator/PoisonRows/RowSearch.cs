using ClipDistributed.Coordinator.Replicas;
using ClipDistributed.Data.Streams;

namespace ClipDistributed.Coordinator.PoisonRows;

/// <summary>
/// The search for rows that crash the decoder: the rows of one step after the other are decoded in a separate process, which reports its
/// progress. The row that it was decoding when it crashed is a poison row; another process continues after it. Belongs to
/// the run's loop.
/// </summary>
internal sealed class RowSearch
{
    private readonly StreamOrder order;
    private readonly IReadOnlySet<SampleId> known;
    private readonly long lastStep;
    private readonly List<SampleId> found = [];

    /// <param name="firstStep">The first step whose rows are tried.</param>
    /// <param name="lastStep">The last one.</param>
    /// <param name="known">Known poison rows: replicas do not decode them.</param>
    public RowSearch(StreamOrder order, long firstStep, long lastStep, IReadOnlySet<SampleId> known)
    {
        (this.order, this.known, this.lastStep) = (order, known, lastStep);
        MoveTo(firstStep);
    }

    /// <summary>The step whose rows are tried now.</summary>
    public long Step { get; private set; }

    /// <summary>The rows of that step that are still to be decoded.</summary>
    public IReadOnlyList<SampleId> Rows { get; private set; } = [];

    /// <summary>Rows that have crashed their process.</summary>
    public IReadOnlyList<SampleId> Found => found;

    /// <summary>Why the search has failed; empty: it has not.</summary>
    public string Failure { get; private set; } = "";

    /// <summary>The process that decoded <see cref="Rows"/> has ended.</summary>
    /// <returns>True: there is more to decode.</returns>
    public bool OnExit(ProcessExit exit)
    {
        bool crashed = exit.IsCrash && exit.RowsBegun > 0 && exit.RowsBegun <= Rows.Count;
        if (crashed)
        {
            found.Add(Rows[exit.RowsBegun - 1]);
            Rows = [.. Rows.Skip(exit.RowsBegun)];
        }
        else if (exit.Code == 0)
        {
            Rows = [];
        }
        else
        {
            Failure = $"the process that decodes them {exit.How}{(exit.LastOutput == "" ? "" : $": {exit.LastOutput}")}";
            return false;
        }
        if (Rows.Count == 0 && found.Count == 0 && Step < lastStep)
            MoveTo(Step + 1);
        return Rows.Count > 0;
    }

    private void MoveTo(long step)
    {
        Step = step;
        Rows = [.. order.Rows(step, new SlotRange(0, order.GlobalBatch)).Where(row => !known.Contains(row))];
    }
}
