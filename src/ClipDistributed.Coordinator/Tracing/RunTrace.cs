using System.Diagnostics;
using ClipDistributed.Contracts.Host.V1;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Coordinator.Store;
using ClipDistributed.Coordinator.Store.Rows;
using ClipDistributed.Telemetry;

namespace ClipDistributed.Coordinator.Tracing;

/// <summary>The spans of one run, as far as this coordinator has led it.</summary>
internal sealed class RunTrace
{
    private readonly RunSpans spans;
    private readonly IncidentSpans incidents;
    private readonly Dictionary<string, ReplicaRow> launched = new(StringComparer.Ordinal); // members of no generation yet
    private bool isPlaced;
    private GenerationSpan? generation;

    /// <param name="since">Where its part of the trace begins.</param>
    public RunTrace(RunRow run, DateTime since, long term)
    {
        spans = new RunSpans(run, since, term);
        incidents = new IncidentSpans(spans);
        isPlaced = run.Kind != DeviceKind.Unspecified;
    }

    public void OnSaved(RunRow run, RunNews news, DateTime now)
    {
        if (!isPlaced && run.Kind != DeviceKind.Unspecified)
        {
            isPlaced = true;
            spans.Add(SpanNames.Queue, (run.Submitted, now), null, (SpanNames.Replicas, news.Launched.Count));
        }
        foreach (var replica in news.Launched)
            launched[replica.ReplicaId] = replica;
        foreach (var begun in news.Begun)
            OnBegun(begun);
        foreach (var record in news.Records.Where(record => record.ReplicaId != ""))
            generation?.OnRecord(RunRecord.Parser.ParseFrom(record.Record), record.Time);
        incidents.OnSaved(news);
        foreach (var replica in news.Released)
            OnReleased(replica);
        if (run.State is RunState.Paused or RunState.Preempted)
            EndGeneration(now);
        if (run.Ended is { } ended)
            End(run, ended);
    }

    /// <summary>This coordinator leads the run no longer.</summary>
    public void Leave(DateTime now)
    {
        EndGeneration(now);
        incidents.Leave(now);
        RunSpans.End(spans.Root, now);
    }

    private void OnBegun(GenerationRow begun)
    {
        EndGeneration(begun.Announced);
        generation = new GenerationSpan(spans, begun);
        incidents.OnAnnounced(begun);
        foreach (string member in begun.Members.Split('\n'))
        {
            if (launched.Remove(member, out var replica))
                AddLaunch(replica, begun.Announced, (SpanNames.GenerationNumber, begun.Number));
        }
    }

    private void OnReleased(ReplicaRow replica)
    {
        if (replica.Evidence != "")
            incidents.OnLost(replica);
        if (launched.Remove(replica.ReplicaId) && replica.Released is { } released) // it never computed
            AddLaunch(replica, released, (SpanNames.Evidence, replica.Evidence));
    }

    private void AddLaunch(ReplicaRow replica, DateTime until, (string, object) tag) => spans.Add(
        SpanNames.Launch, (replica.Launched, until), null,
        (SpanNames.ReplicaId, replica.ReplicaId), (SpanNames.HostId, replica.Host),
        (SpanNames.Device, $"{replica.Kind}:{replica.DeviceIndex}".ToLowerInvariant()), tag);

    private void EndGeneration(DateTime at)
    {
        generation?.End(at);
        generation = null;
    }

    private void End(RunRow run, DateTime ended)
    {
        EndGeneration(ended);
        incidents.Leave(ended);
        spans.Root?.SetTag(SpanNames.State, run.State.ToString().ToLowerInvariant())
            .SetTag(SpanNames.Step, run.Step).SetTag(SpanNames.Attempt, run.Attempt).SetTag(SpanNames.GenerationNumber, run.Generation);
        if (run.State == RunState.Failed)
            spans.Root?.SetStatus(ActivityStatusCode.Error, run.Reason);
        RunSpans.End(spans.Root, ended);
    }
}
