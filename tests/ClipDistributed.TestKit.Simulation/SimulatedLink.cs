using ClipDistributed.Contracts.Links;
using ClipDistributed.Contracts.Processes;
using ClipDistributed.Contracts.Replica.V1;
using ClipDistributed.Coordinator.Replicas;

namespace ClipDistributed.TestKit.Simulation;

/// <summary>A replica's conversation with the coordinators, over all its calls, with the real memory of its link.</summary>
/// <param name="obey">What a coordinator says that is to be done.</param>
internal sealed class SimulatedLink(SimulatedCluster cluster, SimulatedReplica replica, Action<ConnectResponse> obey)
{
    private readonly LinkState state = new(Protocol.Version, replica.Run.RunId, replica.Id, replica.Secret);
    private Action<ConnectRequest>? send; // on the open call

    /// <summary>Null: none is open.</summary>
    public SimulatedCall? Call { get; private set; }

    /// <summary>Since when a call is open.</summary>
    public TimeSpan OpenSince { get; private set; }

    /// <summary>A coordinator has known it.</summary>
    public bool WasAdmitted { get; private set; }

    public void Connect()
    {
        if (!replica.IsAlive || Call is not null)
            return;
        if (replica.IsFrozen || replica.Host.IsCutOff || cluster.Coordinator is not { Time.IsStopped: false } coordinator)
        {
            cluster.Time.After(cluster.Between(200, 2000), Connect);
            return;
        }
        var first = state.Connect(replica.Applied, 0);
        SimulatedCall? call = null;
        var end = new ReplicaLink(coordinator.Term, () => cluster.Time.After(TimeSpan.Zero, call!.End));
        bool isAdmitted = false;
        OpenSince = cluster.Time.Now;
        call = Call = new SimulatedCall(cluster, replica.Host, coordinator, Left, () =>
        {
            end.SendQueue.Complete();
            if (isAdmitted)
                coordinator.Table.Post(replica.Id, new ReplicaEvent.LinkLost(replica.Id, end));
        });
        call.Up(() => isAdmitted = Admit(call, end, first[0].Hello));
        foreach (var message in first.Skip(1))
            Transmit(call, end, message.Clone());
        send = message => Transmit(call, end, message);
    }

    /// <summary>On the open call, or on the next one where it must not be lost.</summary>
    public void Send(ConnectRequest message)
    {
        state.Say(message);
        send?.Invoke(message);
    }

    /// <summary>As the coordinator does that is called.</summary>
    private bool Admit(SimulatedCall call, ReplicaLink end, Hello hello)
    {
        var table = call.Coordinator.Table;
        if (!table.Knows(replica.Id, replica.Run.RunId) && hello.Term <= call.Coordinator.Term)
            call.Down(() => replica.Die(1)); // NOT_FOUND
        cluster.Check(
            !table.Knows(replica.Id) || table.IsAuthentic(replica.Id, hello.Secret.Span),
            $"{replica.Id} does not prove to be what it is"
        );
        if (hello.Term > call.Coordinator.Term || !table.Admit(new ReplicaEvent.Connected(replica.Id, end, hello)))
        {
            cluster.Time.After(TimeSpan.Zero, call.End);
            return false;
        }
        WasAdmitted = true;
        _ = end.SendQueue.WriteAsync((response, _) =>
        {
            if (response.StartGeneration is { } begins)
                replica.Run.CheckAnnounced(replica, begins, call.Coordinator);
            if (response.Assignment is { } assigned)
                replica.Run.CheckKept(replica, assigned, call.Coordinator);
            replica.IsLetGo |= response.Leave is not null;
            call.Down(() => OnMessage(call, response));
            return Task.CompletedTask;
        }, CancellationToken.None);
        return true;
    }

    private void Left()
    {
        (Call, send) = (null, null);
        cluster.Time.After(cluster.Between(200, 2000), Connect);
    }

    private void Transmit(SimulatedCall over, ReplicaLink end, ConnectRequest message) =>
        over.Up(() => over.Coordinator.Table.Post(replica.Id, new ReplicaEvent.MessageReceived(replica.Id, end, message)));

    private void OnMessage(SimulatedCall from, ConnectResponse response)
    {
        if (!replica.Works)
            return;
        switch (state.Hear(response))
        {
            case Hearing.Superseded:
                from.Leave();
                break;
            case Hearing.Obey:
                obey(response);
                break;
        }
    }
}
