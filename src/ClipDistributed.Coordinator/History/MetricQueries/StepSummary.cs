using ClipDistributed.Contracts.Control.V1;
using ClipDistributed.Contracts.Run.V1;
using Google.Protobuf;
using Google.Protobuf.Collections;

namespace ClipDistributed.Coordinator.History.MetricQueries;

/// <summary>All metrics of neighbouring steps, which grows step by step, or by summaries of the steps that follow.</summary>
internal sealed class StepSummary
{
    private readonly MetricSummary sums = new();

    /// <summary>0: there is none yet.</summary>
    public long FirstStep => sums.FirstStep;

    public long LastStep => sums.LastStep;

    /// <exception cref="InvalidProtocolBufferException">The bytes are damaged.</exception>
    public static StepSummary Parse(byte[] stored)
    {
        var summary = new StepSummary();
        summary.Add(MetricSummary.Parser.ParseFrom(stored));
        return summary;
    }

    public byte[] ToBytes() => sums.ToByteArray();

    /// <param name="recorded">When, UTC.</param>
    public void Add(StepMetrics step, DateTime recorded)
    {
        Extend(step.Step, step.Step, MetricFields.Count);
        for (int metric = 0; metric < MetricFields.Count; metric++)
        {
            if (MetricFields.Value(step, recorded, metric) is { } value)
                Add(metric, value);
        }
    }

    public void Add(StepSummary later) => Add(later.sums);

    /// <returns>Null: no step has it.</returns>
    public MetricPoint? Point(int metric)
    {
        if (metric >= sums.Counts.Count || sums.Counts[metric] + sums.NonFinites[metric] == 0)
            return null;
        var point = new MetricPoint
        {
            FirstStep = FirstStep,
            LastStep = LastStep,
            Count = sums.Counts[metric],
            NonFinite = sums.NonFinites[metric],
            Last = sums.Lasts[metric],
        };
        if (point.Count > 0)
            (point.Min, point.Mean, point.Max) = (sums.Mins[metric], sums.Sums[metric] / point.Count, sums.Maxes[metric]);
        return point;
    }

    private void Add(int metric, double value)
    {
        sums.Lasts[metric] = value;
        if (!double.IsFinite(value))
        {
            sums.NonFinites[metric]++;
            return;
        }
        bool isFirst = sums.Counts[metric]++ == 0;
        sums.Mins[metric] = isFirst ? value : Math.Min(sums.Mins[metric], value);
        sums.Maxes[metric] = isFirst ? value : Math.Max(sums.Maxes[metric], value);
        sums.Sums[metric] += value;
    }

    private void Add(MetricSummary later)
    {
        int known = Math.Min(Math.Min(later.Counts.Count, later.NonFinites.Count), MetricFields.Count);
        foreach (var list in (ReadOnlySpan<RepeatedField<double>>)[later.Mins, later.Sums, later.Maxes, later.Lasts])
            known = Math.Min(known, list.Count);
        Extend(later.FirstStep, later.LastStep, known);
        for (int metric = 0; metric < known; metric++)
        {
            if (later.Counts[metric] + later.NonFinites[metric] > 0)
                sums.Lasts[metric] = later.Lasts[metric];
            sums.NonFinites[metric] += later.NonFinites[metric];
            if (later.Counts[metric] == 0)
                continue;
            bool isFirst = sums.Counts[metric] == 0;
            sums.Counts[metric] += later.Counts[metric];
            sums.Mins[metric] = isFirst ? later.Mins[metric] : Math.Min(sums.Mins[metric], later.Mins[metric]);
            sums.Maxes[metric] = isFirst ? later.Maxes[metric] : Math.Max(sums.Maxes[metric], later.Maxes[metric]);
            sums.Sums[metric] += later.Sums[metric];
        }
    }

    private void Extend(long first, long last, int metrics)
    {
        sums.FirstStep = sums.FirstStep == 0 ? first : Math.Min(sums.FirstStep, first);
        sums.LastStep = Math.Max(sums.LastStep, last);
        while (sums.Counts.Count < metrics)
        {
            sums.Counts.Add(0);
            sums.NonFinites.Add(0);
            foreach (var list in (ReadOnlySpan<RepeatedField<double>>)
                [sums.Mins, sums.Sums, sums.Maxes, sums.Lasts])
                list.Add(0);
        }
    }
}
