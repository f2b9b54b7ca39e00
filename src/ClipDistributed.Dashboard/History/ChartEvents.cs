using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Contracts.Runs;
using ClipDistributed.Telemetry;
using Google.Protobuf.WellKnownTypes;

namespace ClipDistributed.Dashboard.History;

/// <summary>What the charts of a run show beside its steps: evaluations, and what happened.</summary>
/// <param name="Curves">Of evaluations.</param>
/// <param name="Marks">The oldest first.</param>
public sealed record ChartEvents(IReadOnlyList<EvaluationCurve> Curves, IReadOnlyList<ChartMark> Marks)
{
    private const int MaxPoints = 2_000, MaxMarks = 60;

    /// <param name="events">Records that are no steps.</param>
    public static ChartEvents Of(IReadOnlyList<RunRecord> events, IReadOnlyList<Incident> incidents)
    {
        var curves = new Dictionary<(string Chart, string Name), EvaluationCurve>();
        var marks = new List<ChartMark>();
        foreach (var record in events)
        {
            double time = Seconds(record.Time);
            switch (record.RecordCase)
            {
                case RunRecord.RecordOneofCase.Evaluation:
                    var scored = record.Evaluation;
                    Add("zeroshot", scored.Source, time, scored.Step, scored.Samples, scored.Top1);
                    break;
                case RunRecord.RecordOneofCase.Retrieval:
                    var found = record.Retrieval;
                    Add("retrieval", $"{found.Source} image to text", time, found.Step, found.Samples, found.ImageToText?.At1 ?? 0);
                    Add("retrieval", $"{found.Source} text to image", time, found.Step, found.Samples, found.TextToImage?.At1 ?? 0);
                    break;
                case RunRecord.RecordOneofCase.Started when record.Started.Step > 0:
                    marks.Add(new ChartMark("start", record.Started.Step, time, $"goes on after step {record.Started.Step:N0}"));
                    break;
                case RunRecord.RecordOneofCase.Checkpoint:
                    marks.Add(new ChartMark("checkpoint", record.Checkpoint.Step, time, $"checkpoint of step {record.Checkpoint.Step:N0}"));
                    break;
            }
        }
        marks.AddRange(incidents.Select(one => new ChartMark("incident", null, Seconds(one.Opened), IncidentNames.Of(one.Kind))));
        return new ChartEvents([.. curves.Values], [.. marks.GroupBy(mark => mark.Kind).SelectMany(kind => kind.TakeLast(MaxMarks))]);

        void Add(string chart, string name, double time, long step, long samples, double value)
        {
            if (step == 0)
                return; // of no step of this run
            var key = (chart, name);
            if (!curves.TryGetValue(key, out var curve))
                curves[key] = curve = new EvaluationCurve(chart, Printable.Line(name), []);
            curve.Points.RemoveAll(point => point.Step >= step); // of an attempt that was rolled back
            curve.Points.Add(new EvaluationPoint(step, samples, time, value));
            if (curve.Points.Count > MaxPoints)
                curve.Points.RemoveAt(0);
        }
    }

    private static double Seconds(Timestamp? time) => time is null ? 0 : time.ToDateTimeOffset().ToUnixTimeMilliseconds() / 1000.0;
}
