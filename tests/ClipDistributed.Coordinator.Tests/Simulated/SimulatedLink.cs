using ClipDistributed.Coordinator.Replicas;

namespace ClipDistributed.Coordinator.Tests.Simulated;

/// <summary>One call of a replica: messages arrive late, in their order, and not at all once it is cut.</summary>
/// <param name="end">The coordinator's.</param>
internal sealed class SimulatedLink(SimulatedCluster cluster, ReplicaLink end)
{
    private TimeSpan arrivesUp, arrivesDown;
    private bool isCut;

    public ReplicaLink End => end;

    public void Cut() => isCut = true;

    public void Up(Action happens) => Arrive(ref arrivesUp, () => cluster.ToCoordinator(() => Happen(happens)));

    public void Down(Action happens) => Arrive(ref arrivesDown, () => Happen(happens));

    private void Arrive(ref TimeSpan arrives, Action happens)
    {
        arrives = cluster.Later(arrives);
        cluster.Time.After(arrives - cluster.Time.Now, happens);
    }

    private void Happen(Action happens)
    {
        if (!isCut)
            happens();
    }
}
