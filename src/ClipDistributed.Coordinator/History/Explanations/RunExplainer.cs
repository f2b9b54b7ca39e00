using ClipDistributed.Contracts.Control.V1;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Contracts.Spec.V1;
using ClipDistributed.Coordinator.ActiveRuns;
using ClipDistributed.Coordinator.Hosts;
using ClipDistributed.Coordinator.Runs;
using ClipDistributed.Coordinator.Settings;
using ClipDistributed.Coordinator.Store;

namespace ClipDistributed.Coordinator.History.Explanations;

/// <summary>Finds what explains a run: its state, the pool of devices, the runs before it, and what the store has of it.</summary>
internal sealed class RunExplainer(
    RunTable table, DevicePool pool, RunPast past, HostAbsences absences, CoordinatorOptions options, TimeProvider time)
{
    /// <exception cref="Links.RequestRefusedException">There is no such run.</exception>
    public async Task<ExplainRunResponse> ExplainAsync(string runId, CancellationToken cancel)
    {
        var journal = table.Find(runId);
        var (generation, reshared) = await past.NewestAsync(runId, cancel);
        var requests = await past.RequestsAsync(runId, cancel);
        var run = journal.Run;
        var job = table.Jobs.FirstOrDefault(job => job.JobId == journal.Row.JobId);
        var spec = JobSpecs.TryRead(job) is { Replicas: not null, Batch: not null } whole ? whole : null;
        var found = new RunFindings(
            run,
            spec is null ? null : NeedOf(run, spec, job!.Owner),
            TimeSpan.FromMinutes(spec?.Replicas?.WaitMinutes ?? 0),
            pool.Snapshot(),
            pool.AheadOf(runId),
            [.. journal.Incidents],
            generation,
            reshared)
        {
            Now = time.GetUtcNow(), Silent = absences.SilentOf(run), Lease = options.ReplicaLease, LostDevices = absences.Devices,
            Quota = options.QuotaDevices, Refusals = absences.Refusals, Requests = requests,
            Victims = pool.VictimsOf(runId), RollBack = RollBack.Of(journal.Row),
        };
        return new ExplainRunResponse { State = run.State, Explanations = { RunExplanation.Of(found) } };
    }

    /// <summary>What its job asks for, as it was scaled since.</summary>
    private static RunNeed NeedOf(Run run, TrainingSpec spec, string owner)
    {
        var need = RunNeed.Of(spec, run.RunId, owner);
        return run.MaxReplicas == 0 ? need : need with { Min = (int)run.MinReplicas, Max = (int)run.MaxReplicas };
    }
}
