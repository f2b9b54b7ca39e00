using ClipDistributed.Contracts.Run.V1;

namespace ClipDistributed.Dashboard.History;

/// <summary>What the time of a run went into, by slices of equal length.</summary>
/// <param name="Slices">In each, shares of its time by kind, which add up to 1.</param>
/// <param name="Totals">Seconds, by kind.</param>
public sealed record TimeRibbon(DateTime From, DateTime Until, IReadOnlyList<double[]> Slices, double[] Totals)
{
    public static readonly int Kinds = Enum.GetValues<TimeKind>().Length;

    /// <param name="spans">In their order.</param>
    /// <param name="events">Records that are no steps.</param>
    /// <param name="count">Of the slices.</param>
    public static TimeRibbon Of(
        (DateTime From, DateTime Until) run, IReadOnlyList<StepSpan> spans, IReadOnlyList<Incident> incidents,
        IReadOnlyList<RunRecord> events, int count)
    {
        var slices = Enumerable.Range(0, count).Select(_ => new double[Kinds]).ToList();
        double[] totals = new double[Kinds];
        var from = run.From;
        foreach (var span in spans.OrderBy(span => span.Until).Append(new StepSpan(run.Until, 0, 0)))
        {
            var until = span.Until < from ? from : span.Until > run.Until ? run.Until : span.Until;
            double[] parts = Parts((from, until), span, incidents, events);
            for (int kind = 0; kind < Kinds; kind++)
                totals[kind] += parts[kind];
            Spread(parts, (from - run.From).TotalSeconds, (until - run.From).TotalSeconds, run, slices);
            from = until;
        }
        foreach (double[] slice in slices)
            Normalize(slice);
        return new TimeRibbon(run.From, run.Until, slices, totals);
    }

    /// <summary>Steps first, then what is recorded of the time between them; of the rest what lies in an incident is recovery.</summary>
    private static double[] Parts(
        (DateTime From, DateTime Until) at, StepSpan span, IReadOnlyList<Incident> incidents, IReadOnlyList<RunRecord> events)
    {
        double left = (at.Until - at.From).TotalSeconds;
        double[] parts = new double[Kinds];
        double data = Take(Math.Min(span.Data, span.Seconds), ref left);
        parts[(int)TimeKind.Useful] = Take(span.Seconds - data, ref left);
        parts[(int)TimeKind.Data] = data;
        var recorded = events.Where(one => one.Time?.ToDateTime() is { } time && time > at.From && time <= at.Until).ToList();
        parts[(int)TimeKind.Saving] = Take(recorded.Sum(one => one.Checkpoint?.HeldSeconds ?? 0), ref left);
        parts[(int)TimeKind.Recovering] = Take(incidents.Sum(one => Overlap(one, at)), ref left);
        if (recorded.Any(one => one.Evaluation is not null || one.Retrieval is not null))
            parts[(int)TimeKind.Evaluating] = Take(left, ref left);
        parts[(int)TimeKind.Idle] = left;
        return parts;
    }

    private static double Take(double seconds, ref double left)
    {
        double taken = Math.Clamp(seconds, 0, left);
        left -= taken;
        return taken;
    }

    /// <summary>Its lost time may begin before it is found.</summary>
    private static double Overlap(Incident incident, (DateTime From, DateTime Until) at)
    {
        var until = incident.Closed?.ToDateTime() ?? DateTime.MaxValue;
        var opened = incident.Opened.ToDateTime();
        var from = incident.HasSecondsLost && until < DateTime.MaxValue && until.AddSeconds(-incident.SecondsLost) < opened
            ? until.AddSeconds(-incident.SecondsLost) : opened;
        return Math.Max(0, ((until < at.Until ? until : at.Until) - (from > at.From ? from : at.From)).TotalSeconds);
    }

    private static void Spread(
        double[] parts, double from, double until, (DateTime From, DateTime Until) run, List<double[]> slices)
    {
        double width = (run.Until - run.From).TotalSeconds / slices.Count, length = until - from;
        if (width <= 0 || length <= 0)
            return;
        for (int at = (int)(from / width); at < slices.Count && at * width < until; at++)
        {
            double share = (Math.Min(until, (at + 1) * width) - Math.Max(from, at * width)) / length;
            for (int kind = 0; kind < Kinds && share > 0; kind++)
                slices[at][kind] += parts[kind] * share;
        }
    }

    private static void Normalize(double[] slice)
    {
        double sum = slice.Sum();
        for (int kind = 0; kind < slice.Length && sum > 0; kind++)
            slice[kind] /= sum;
    }
}
