using ClipDistributed.Contracts.Control.V1;
using ClipDistributed.Coordinator.Access;
using ClipDistributed.Coordinator.Hosts;
using ClipDistributed.Coordinator.Links;
using Grpc.Core;
using Microsoft.Extensions.Hosting;

namespace ClipDistributed.Coordinator.Runs;

/// <summary>Notes in the audit whose devices the queue has taken, as a principal of its own that has no token.</summary>
internal sealed class QueueAudit(DevicePool pool, AuditLog audit) : IHostedService
{
    private static readonly Principal Queue = new(TokenId: "", Owner: "queue", Role.Operator, Address: "coordinator");

    public Task StartAsync(CancellationToken cancellationToken)
    {
        pool.Preempted += OnPreempted;
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        pool.Preempted -= OnPreempted;
        return Task.CompletedTask;
    }

    private void OnPreempted(string runId, string by) =>
        audit.Add(Queue, "PreemptRun", runId, StatusCode.OK, AuditValues.Of("by", by));
}
