using ClipDistributed.Contracts.Control.V1;
using ClipDistributed.Contracts.Host.V1;
using ClipDistributed.Coordinator.Access;
using ClipDistributed.Coordinator.Links;

namespace ClipDistributed.TestKit.Simulation;

/// <summary>One call of the host.</summary>
internal sealed class SimulatedHostCall
{
    private static readonly TimeSpan Moment = TimeSpan.FromSeconds(6); // a drained one was asked to leave, and has five for it

    private readonly HostRequests requests = new();
    private readonly CancellationTokenSource over = new();
    private readonly SimulatedHost host;
    private readonly SimulatedCluster cluster;
    private Task served = Task.CompletedTask;

    public SimulatedHostCall(SimulatedCluster cluster, SimulatedHost host, SimulatedCoordinator coordinator, Offer offer)
    {
        (this.cluster, this.host, Offer) = (cluster, host, offer);
        Wire = new SimulatedCall(cluster, host, coordinator, () => host.Left(this), Ended);
    }

    public Offer Offer { get; }

    public SimulatedCall Wire { get; }

    /// <summary>Replicas that were started by messages of this call.</summary>
    public List<SimulatedReplica> Launched { get; } = [];

    public void Begin() => Wire.Up(() =>
    {
        requests.Send(new ConnectRequest { Offer = Offer });
        served = ServeAsync();
        CheckGivenUp([.. host.Replicas.Where(replica => !Offer.ReplicaIds.Contains(replica.Id))]);
    });

    public void Send(ConnectRequest message) => Wire.Up(() => requests.Send(message));

    private async Task ServeAsync()
    {
        try
        {
            var caller = new Principal("", "simulation", Role.Admin, host.Name);
            var served = new Call<ConnectRequest, ConnectResponse>(requests, RespondAsync, caller, host.Name, over.Token);
            await Wire.Coordinator.Hosts.RunAsync(served);
        }
        catch (RequestRefusedException)
        {
            cluster.Time.After(TimeSpan.Zero, Wire.End);
        }
    }

    private Task RespondAsync(ConnectResponse response, CancellationToken cancel)
    {
        if (response.LaunchReplica is { Trial: null } ordered)
            cluster.RunOf(ordered.RunId).Line.CheckLaunched(ordered, Wire.Coordinator);
        if (response.KillReplica is { } kill && host.Replicas.Find(replica => replica.Id == kill.ReplicaId) is { } evicted)
            evicted.KillOrderedBy = Wire.Coordinator;
        Wire.Down(() => host.OnMessage(this, response));
        return Task.CompletedTask;
    }

    private void Ended()
    {
        host.Ended(this);
        requests.End();
        over.Cancel();
        if (!served.IsCompleted)
            cluster.Thread.Run(served);
        CheckGivenUp(Launched);
    }

    /// <summary>Who was not ready when its host was lost, or when that came back without it, is waited for no longer, so that another
    /// can start elsewhere.</summary>
    private void CheckGivenUp(List<SimulatedReplica> gone) =>
        cluster.Time.After(
            Moment,
            () =>
            {
                var (coordinator, since) = (Wire.Coordinator, cluster.Time.Now - Moment);
                if (
                    coordinator != cluster.Coordinator
                    || coordinator.Time.StoppedUntil > since
                    || cluster.Coordinators.StoreUnavailableUntil > since
                )
                    return;
                foreach (var replica in gone.Where(replica => !replica.WasAdmitted && !replica.Run.Ends))
                    cluster.Check(
                        !coordinator.Table.Knows(replica.Id),
                        $"{replica.Id} is still expected, though {host.Name} was lost before it was ready"
                    );
            }
        );
}
