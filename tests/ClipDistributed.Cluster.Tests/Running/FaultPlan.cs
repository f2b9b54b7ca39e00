using System.Runtime.InteropServices;
using ClipDistributed.Contracts.Runs;

namespace ClipDistributed.Cluster.Tests.Running;

/// <summary>
/// Faults, each with an address: a rank and a step. A fault strikes as soon as the step before it is recorded, while the
/// replica works on that step or one of the next few. Each strikes once.
/// </summary>
internal sealed partial class FaultPlan
{
    private const int SigKill = 9, SigStop = 19;

    private readonly List<Fault> waiting = [];

    /// <summary>The process ends without a message.</summary>
    public FaultPlan KillReplica(int rank, long step) => Add(rank, step, SigKill);

    /// <summary>The process stays, its sockets open, and does nothing more.</summary>
    public FaultPlan StopReplica(int rank, long step) => Add(rank, step, SigStop);

    public bool IsDone => waiting.Count == 0;

    /// <summary>Lets each fault strike at its step, until all have or the run is over.</summary>
    public async Task StrikeAsync(LiveCluster cluster, string runId, RunDirectory directory, CancellationToken over)
    {
        using var tail = new StepTail(directory);
        try
        {
            while (!IsDone)
            {
                foreach (var fault in Due(tail.Last()))
                {
                    var replica = (await cluster.StateAsync(runId)).Replicas.Single(member => member.Rank == fault.Rank);
                    _ = kill(cluster.Log.Processes[replica.ReplicaId], fault.Signal);
                }
                if (!IsDone)
                    await tail.ChangedAsync(over);
            }
        }
        catch (OperationCanceledException) when (over.IsCancellationRequested)
        {
            // The run has ended; the caller sees that faults are left.
        }
    }

    /// <summary>Faults whose step has come; each is given once.</summary>
    /// <param name="recorded">The last recorded step; 0: none.</param>
    private List<Fault> Due(long recorded)
    {
        var due = waiting.Where(fault => fault.Step <= recorded + 1).ToList();
        waiting.RemoveAll(due.Contains);
        return due;
    }

    private FaultPlan Add(int rank, long step, int signal)
    {
        waiting.Add(new Fault(rank, step, signal));
        return this;
    }

    [LibraryImport("libc")]
    private static partial int kill(int process, int signal);

    /// <param name="Step">From 1.</param>
    private sealed record Fault(int Rank, long Step, int Signal);
}
