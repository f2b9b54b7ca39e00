using System.Diagnostics;
using ClipDistributed.Coordinator.Metrics;
using ClipDistributed.Coordinator.Store;
using ClipDistributed.Coordinator.Store.Rows;
using ClipDistributed.Telemetry;

namespace ClipDistributed.Coordinator.Tracing;

/// <summary>
/// What a run recovers from: the fault is noticed, members are evicted, the next generation is formed, its first step is computed. One
/// incident is open at a time.
/// </summary>
internal sealed class IncidentSpans(RunSpans spans)
{
    private Activity? span;
    private DateTime since, noticed;
    private long number; // of the incident that is open, or was last
    private GenerationRow? next; // the first that was announced since

    public void OnSaved(RunNews news)
    {
        foreach (var incident in news.Opened.Concat(news.Changed).OrderBy(incident => incident.Number).Distinct())
        {
            if (incident.Number > number)
                Open(incident);
            if (incident.Number == number && span is not null && incident.Closed is { } closed)
                Close(incident, closed);
        }
    }

    public void OnAnnounced(GenerationRow generation) => next ??= generation;

    public void OnLost(ReplicaRow replica) => span?.AddEvent(new ActivityEvent(
        "replica lost",
        RunSpans.Utc(replica.Released ?? noticed),
        new ActivityTagsCollection
        {
            [SpanNames.ReplicaId] = replica.ReplicaId, [SpanNames.HostId] = replica.Host, [SpanNames.Evidence] = replica.Evidence,
        }));

    /// <summary>The run has ended, or another coordinator leads it.</summary>
    public void Leave(DateTime now)
    {
        RunSpans.End(span, now);
        span = null;
    }

    private void Open(IncidentRow incident)
    {
        (number, since, noticed) = (incident.Number, incident.Since, incident.Opened);
        if (next is { } before && before.Announced < noticed)
            next = null;
        span = spans.Begin(SpanNames.Recovery, since);
    }

    private void Close(IncidentRow incident, DateTime closed)
    {
        bool isFailure = IncidentCause.IsFailure(incident.Kind);
        span!.DisplayName = isFailure ? SpanNames.Recovery : SpanNames.Regroup;
        span.SetTag(SpanNames.Incident, number).SetTag(SpanNames.Cause, IncidentCause.Of(incident.Kind))
            .SetTag(SpanNames.Evidence, incident.Evidence).SetTag(SpanNames.Action, incident.Action)
            .SetTag(SpanNames.SecondsLost, incident.SecondsLost).SetTag(SpanNames.StepsRecomputed, incident.StepsRecomputed)
            .SetTag(SpanNames.GenerationNumber, incident.Generation);
        spans.Add(SpanNames.Notice, (since, noticed), span);
        if (next is { } formed)
        {
            spans.Add(SpanNames.Evict, (noticed, formed.Announced), span);
            spans.Add(SpanNames.Form, (formed.Announced, closed), span, (SpanNames.GenerationNumber, formed.Number));
        }
        RunSpans.End(span, closed);
        (span, next) = (null, null);
    }
}
