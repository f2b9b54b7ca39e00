using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using ClipDistributed.Coordinator.Store.Rows;
using ClipDistributed.Telemetry;

namespace ClipDistributed.Coordinator.Tracing;

/// <summary>
/// Makes the spans of a run, all of one trace, whose id follows from the run: the coordinators that lead it one after the other add to
/// the same trace. Moments are given, so that a span may be made after it was over.
/// </summary>
internal sealed class RunSpans
{
    private static readonly ActivitySource Source = new(SpanNames.Source);

    private readonly RunRow run;

    /// <param name="run">As it is now.</param>
    /// <param name="since">Where this coordinator's part of the trace begins.</param>
    public RunSpans(RunRow run, DateTime since, long term)
    {
        this.run = run;
        Root = Start(SpanNames.Run, default, since);
        Root?.SetTag(SpanNames.Term, term);
    }

    /// <summary>Null: no one asks for it.</summary>
    public Activity? Root { get; }

    /// <param name="parent">Null: the run.</param>
    public Activity? Begin(string name, DateTime since, Activity? parent = null) =>
        (parent ?? Root) is { } above ? Start(name, above.Context, since) : null;

    /// <summary>One that is over.</summary>
    /// <param name="parent">Null: the run.</param>
    public void Add(string name, (DateTime From, DateTime To) time, Activity? parent, params (string Name, object? Value)[] tags)
    {
        var span = Begin(name, time.From, parent);
        foreach (var (tag, value) in tags)
            span?.SetTag(tag, value);
        End(span, time.To);
    }

    public static void End(Activity? span, DateTime at)
    {
        span?.SetEndTime(Utc(at));
        Detached(() =>
        {
            span?.Stop();
            return span;
        });
    }

    public static DateTime Utc(DateTime moment) => DateTime.SpecifyKind(moment, DateTimeKind.Utc);

    private Activity? Start(string name, ActivityContext parent, DateTime since) => Detached(() =>
    {
        var span = Source.CreateActivity(name, ActivityKind.Internal, parent);
        if (parent == default)
            span?.SetParentId(TraceOf(run), default, span.ActivityTraceFlags);
        span?.SetStartTime(Utc(since));
        span?.SetTag(SpanNames.JobId, run.JobId).SetTag(SpanNames.RunId, run.RunId);
        return span?.Start();
    });

    /// <summary>These spans are of runs, not of the calls that happen to be answered meanwhile, and of no code that runs after.</summary>
    private static Activity? Detached(Func<Activity?> act)
    {
        var current = Activity.Current;
        Activity.Current = null;
        try
        {
            return act();
        }
        finally
        {
            Activity.Current = current;
        }
    }

    private static ActivityTraceId TraceOf(RunRow run) => ActivityTraceId.CreateFromBytes(
        SHA256.HashData(Encoding.UTF8.GetBytes($"{run.RunId} {Utc(run.Submitted):O}")).AsSpan(0, 16));
}
