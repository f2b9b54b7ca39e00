using ClipDistributed.Coordinator.Replicas;
using ClipDistributed.Data.Streams;

namespace ClipDistributed.Coordinator.Generations;

/// <summary>
/// The search for rows that crash the decoder: the rows of one step after the other are decoded in a process of its own, which
/// says how far it came. Whatever row it was at when it crashed is a culprit; another process goes on behind it. Belongs to
/// the run's loop.
/// </summary>
internal sealed class CulpritSearch
{
    private readonly StreamOrder order;
    private readonly IReadOnlySet<SampleId> condemned;
    private readonly long lastStep;
    private readonly List<SampleId> culprits = [];

    /// <param name="firstStep">The first step whose rows are tried.</param>
    /// <param name="lastStep">The last one.</param>
    /// <param name="condemned">Rows that are known to crash the decoder: nobody decodes them any more.</param>
    public CulpritSearch(StreamOrder order, long firstStep, long lastStep, IReadOnlySet<SampleId> condemned)
    {
        (this.order, this.condemned, this.lastStep) = (order, condemned, lastStep);
        Turn(firstStep);
    }

    /// <summary>Whose rows are tried now.</summary>
    public long Step { get; private set; }

    /// <summary>What is still to be decoded of that step.</summary>
    public IReadOnlyList<SampleId> Rows { get; private set; } = [];

    /// <summary>Rows that have crashed their process, with how it ended.</summary>
    public IReadOnlyList<SampleId> Culprits => culprits;

    /// <summary>Why it says nothing; empty: it came to its end.</summary>
    public string Broken { get; private set; } = "";

    /// <summary>The process that decoded <see cref="Rows"/> has ended.</summary>
    /// <returns>True: there is more to decode.</returns>
    public bool Note(ProcessExit exit)
    {
        bool crashed = exit.IsCrash && exit.RowsBegun > 0 && exit.RowsBegun <= Rows.Count;
        if (crashed)
        {
            culprits.Add(Rows[exit.RowsBegun - 1]);
            Rows = [.. Rows.Skip(exit.RowsBegun)];
        }
        else if (exit.Code == 0)
        {
            Rows = [];
        }
        else
        {
            Broken = $"the process that decodes them {exit.How}{(exit.Words == "" ? "" : $": {exit.Words}")}";
            return false;
        }
        if (Rows.Count == 0 && culprits.Count == 0 && Step < lastStep)
            Turn(Step + 1);
        return Rows.Count > 0;
    }

    private void Turn(long step)
    {
        Step = step;
        Rows = [.. order.Rows(step, new SlotRange(0, order.GlobalBatch)).Where(row => !condemned.Contains(row))];
    }
}
