using ClipDistributed.Contracts.Runs;
using ClipDistributed.Coordinator.ActiveRuns;
using ClipDistributed.Coordinator.Runs;

namespace ClipDistributed.TestKit.Simulation;

/// <summary>The attempts of simulated runs, which have no directory.</summary>
internal sealed class SimulatedAttempts(SimulatedCluster cluster) : IAttemptList
{
    public int Begin(string runDirectory, WriterClaim claim, RollBack from) => cluster.RunOf(claim.RunId).BeginAttempt(from);
}
