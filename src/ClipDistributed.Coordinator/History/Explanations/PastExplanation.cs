using ClipDistributed.Contracts.Control.V1;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Contracts.Runs;
using ClipDistributed.Coordinator.ActiveRuns;
using ClipDistributed.Coordinator.Store.Rows;

namespace ClipDistributed.Coordinator.History.Explanations;

/// <summary>Why replicas and hosts were removed, and what users asked for, the newest first; then why shares changed.</summary>
internal static class PastExplanation
{
    /// <summary>All others are what <c>clipd run show --incidents</c> is for.</summary>
    private const int MaxIncidents = 10, MaxChanges = 5, MaxRequests = 5;

    public static IEnumerable<Explanation> Of(RunFindings found)
    {
        var incidents = found.Incidents.Reverse().Take(MaxIncidents).Select(incident => Of(incident, found));
        var requests = found.Requests.Reverse().Take(MaxRequests).Select(Of);
        foreach (var happened in incidents.Concat(requests).OrderByDescending(one => one.Time)) // what one led to, beside it
            yield return happened;
        foreach (var change in found.Reshared.Reverse().Take(MaxChanges))
            yield return Of(change, found.Generation);
    }

    private static Explanation Of(Incident incident, RunFindings found)
    {
        var kind = Kind(incident.Kind);
        string replicas = string.Join(", ", incident.ReplicaIds), hosts = string.Join(", ", incident.Hosts);
        string what = kind switch
        {
            ExplanationKind.ReplicaRemoved when replicas != "" => $"{replicas} {(incident.ReplicaIds.Count == 1 ? "was" : "were")} removed",
            ExplanationKind.HostRemoved when hosts != "" => incident.Kind == IncidentKind.HostDrained
                ? $"Replicas of host {hosts} left" : $"Host {hosts} was lost",
            ExplanationKind.ReplicaJoined when replicas != "" => $"{replicas} joined",
            _ when incident.Kind == IncidentKind.RunScaled => "It was scaled",
            _ => $"It was interrupted ({IncidentNames.Of(incident.Kind)})",
        };
        string evidence = incident.Evidence == "" ? "" : $": {incident.Evidence}";
        string action = incident.Action == "" ? "Nothing could be done about it yet." : $"Then: {incident.Action}.";
        return new Explanation
        {
            Kind = kind,
            Text = $"{UtcTime.Readable(incident.Opened.ToDateTimeOffset())}: {what}{evidence}. {action}{Refusals(incident, found)}",
            Hosts = { incident.Hosts },
            ReplicaIds = { incident.ReplicaIds },
            Evidence = incident.Evidence,
            Action = incident.Action,
            Incident = incident.Number,
            Time = incident.Opened,
        };
    }

    private static ExplanationKind Kind(IncidentKind kind) => kind switch
    {
        IncidentKind.ReplicaFaulty or IncidentKind.ReplicaHung or IncidentKind.ReplicaLost => ExplanationKind.ReplicaRemoved,
        IncidentKind.HostLost or IncidentKind.HostDrained => ExplanationKind.HostRemoved,
        IncidentKind.ReplicaJoined => ExplanationKind.ReplicaJoined,
        _ => ExplanationKind.Interrupted,
    };

    /// <summary>Of hosts that were lost and cannot come back by themselves.</summary>
    private static string Refusals(Incident incident, RunFindings found) => string.Concat(
        incident.Hosts.Where(host => incident.Kind == IncidentKind.HostLost && found.Refusals.ContainsKey(host))
            .Select(host => $" Host {host} cannot connect again: {found.Refusals[host]}."));

    private static Explanation Of(RunRecord record) => new()
    {
        Kind = ExplanationKind.Requested,
        Text = $"{UtcTime.Readable(record.Time.ToDateTimeOffset())}: {record.Request.By} requested after step {record.Request.Step}: "
            + $"{record.Request.Request}.",
        Evidence = record.Request.Request,
        Step = record.Request.Step,
        Time = record.Time,
    };

    private static Explanation Of(ShareRow change, GenerationRow? generation)
    {
        var shares = StoredShares.Read(change.Shares);
        string why = change.Reason == "" ? "Shares follow the speed of the replicas." : change.Reason;
        var changed = new Explanation
        {
            Kind = ExplanationKind.SharesChanged,
            Text = $"From step {change.FirstStep} on the shares are {shares}, in rows. {why}",
            Evidence = change.Reason,
            Step = change.FirstStep,
            Shares = { shares.Rows },
        };
        changed.ReplicaIds.AddRange((generation?.Members ?? "").Split('\n', StringSplitOptions.RemoveEmptyEntries));
        return changed;
    }
}
