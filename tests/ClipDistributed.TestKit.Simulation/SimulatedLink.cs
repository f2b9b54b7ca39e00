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
    private Action<ConnectRequest>? say; // on the open call

    /// <summary>Null: none is open.</summary>
    public SimulatedCall? Call { get; private set; }

    /// <summary>Since when a call is open.</summary>
    public TimeSpan OpenSince { get; private set; }

    /// <summary>A coordinator has known it.</summary>
    public bool WasGreeted { get; private set; }

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
        bool isGreeted = false;
        OpenSince = cluster.Time.Now;
        call = Call = new SimulatedCall(cluster, replica.Host, coordinator, Left, () =>
        {
            end.Outbox.Complete();
            if (isGreeted)
                coordinator.Table.Post(replica.Id, new ReplicaEvent.LinkLost(replica.Id, end));
        });
        call.Up(() => isGreeted = Greet(call, end, first[0].Hello));
        foreach (var message in first.Skip(1))
            Send(call, end, message.Clone());
        say = message => Send(call, end, message);
    }

    /// <summary>On the open call, or on the next one where it must not be lost.</summary>
    public void Say(ConnectRequest message)
    {
        state.Say(message);
        say?.Invoke(message);
    }

    /// <summary>As the coordinator does that is called.</summary>
    private bool Greet(SimulatedCall call, ReplicaLink end, Hello hello)
    {
        var table = call.Coordinator.Table;
        if (!table.Knows(replica.Id, replica.Run.RunId) && hello.Term <= call.Coordinator.Term)
            call.Down(() => replica.Die(1)); // NOT_FOUND
        cluster.Check(
            !table.Knows(replica.Id) || table.IsShownBy(replica.Id, hello.Secret.Span),
            $"{replica.Id} does not prove to be what it is"
        );
        if (hello.Term > call.Coordinator.Term || !table.Admit(new ReplicaEvent.Connected(replica.Id, end, hello)))
        {
            cluster.Time.After(TimeSpan.Zero, call.End);
            return false;
        }
        WasGreeted = true;
        _ = end.Outbox.WriteAsync((told, _) =>
        {
            if (told.StartGeneration is { } begins)
                replica.Run.CheckAnnounced(replica, begins, call.Coordinator);
            if (told.Assignment is { } assigned)
                replica.Run.CheckKept(replica, assigned, call.Coordinator);
            replica.IsLetGo |= told.Leave is not null;
            call.Down(() => Hear(call, told));
            return Task.CompletedTask;
        }, CancellationToken.None);
        return true;
    }

    private void Left()
    {
        (Call, say) = (null, null);
        cluster.Time.After(cluster.Between(200, 2000), Connect);
    }

    private void Send(SimulatedCall over, ReplicaLink end, ConnectRequest message) =>
        over.Up(() => over.Coordinator.Table.Post(replica.Id, new ReplicaEvent.MessageReceived(replica.Id, end, message)));

    private void Hear(SimulatedCall from, ConnectResponse told)
    {
        if (!replica.Works)
            return;
        switch (state.Hear(told))
        {
            case Hearing.Superseded:
                from.Leave();
                break;
            case Hearing.Obey:
                obey(told);
                break;
        }
    }
}
