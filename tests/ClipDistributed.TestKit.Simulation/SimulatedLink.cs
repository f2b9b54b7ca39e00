using ClipDistributed.Contracts.Links;
using ClipDistributed.Contracts.Processes;
using ClipDistributed.Contracts.Replica.V1;
using ClipDistributed.Coordinator.Replicas;

namespace ClipDistributed.TestKit.Simulation;

/// <summary>A replica's conversation with the coordinators, over all its calls, with the real memory of its link.</summary>
/// <param name="obey">What a coordinator says that is to be done.</param>
internal sealed class SimulatedLink(SimulatedCluster cluster, SimulatedReplica replica, Action<ConnectResponse> obey)
{
    private readonly LinkSession session = new(Protocol.Version, replica.Run.RunId, replica.Id, replica.Secret);
    private Action<ConnectRequest>? send; // on the open call
    private ConnectResponse? last; // received on the open call
    private long term; // the highest received
    private ReplicaLink? admitted; // by a coordinator, the newest
    private (SimulatedCoordinator By, TimeSpan At)? lost; // by the coordinator's end; null: it is open there, or was never

    /// <summary>Null: none is open.</summary>
    public SimulatedCall? Call { get; private set; }

    /// <summary>Since when a call is open.</summary>
    public TimeSpan OpenSince { get; private set; }

    /// <summary>A coordinator has known it.</summary>
    public bool WasAdmitted { get; private set; }

    /// <summary>The coordinator has seen the link break a moment ago, and must wait for it: less than the lease, which is 3 s.</summary>
    public bool IsAwaitedBy(SimulatedCoordinator coordinator) =>
        lost is { } broken && broken.By == coordinator
        && cluster.Time.Now - broken.At is var ago && ago > TimeSpan.FromMilliseconds(50) && ago < TimeSpan.FromSeconds(2.5);

    public void Connect()
    {
        if (!replica.IsAlive || Call is not null)
            return;
        if (replica.IsFrozen || replica.Host.IsCutOff || cluster.Coordinator is not { Time.IsStopped: false } coordinator)
        {
            cluster.Time.After(cluster.Between(200, 2000), Connect);
            return;
        }
        var first = session.Connect(replica.Applied, 0);
        SimulatedCall? call = null;
        var end = new ReplicaLink(coordinator.Term, () => cluster.Time.After(TimeSpan.Zero, call!.End));
        bool isAdmitted = false;
        OpenSince = cluster.Time.Now;
        call = Call = new SimulatedCall(cluster, replica.Host, coordinator, Left, () =>
        {
            end.SendQueue.Complete();
            if (!isAdmitted)
                return;
            lost = admitted == end ? (coordinator, cluster.Time.Now) : lost;
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
        session.OnSending(message);
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
        (WasAdmitted, admitted, lost) = (true, end, null);
        bool isAskedToLeave = false;
        if (replica.KillOrderedBy == call.Coordinator)
            cluster.Time.After(TimeSpan.FromMilliseconds(1), () => cluster.Check(
                isAskedToLeave || !table.Knows(replica.Id) || !cluster.Coordinators.IsUndisturbed(call.Coordinator),
                $"{replica.Id} was evicted, and is welcome again"));
        _ = end.SendQueue.WriteAsync((response, _) =>
        {
            if (response.StartGeneration is { } begins)
                replica.Run.Line.CheckAnnounced(replica, begins, call.Coordinator);
            if (response.Assignment is { } assigned)
                replica.Run.ShareChecks.CheckKept(replica, assigned, call.Coordinator);
            isAskedToLeave |= response.Leave is not null;
            replica.IsLetGo |= isAskedToLeave;
            call.Down(() => OnMessage(call, response));
            return Task.CompletedTask;
        }, CancellationToken.None);
        return true;
    }

    private void Left()
    {
        if (last is { } late && Call is { } former)
            cluster.Time.After(cluster.Between(1000, 15_000), () => Deliver(former, late));
        (Call, send, last) = (null, null, null);
        cluster.Time.After(cluster.Between(200, 2000), Connect);
    }

    private void Transmit(SimulatedCall over, ReplicaLink end, ConnectRequest message) =>
        over.Up(() => over.Coordinator.Table.Post(replica.Id, new ReplicaEvent.MessageReceived(replica.Id, end, message)));

    /// <summary>A proxy delivers a message of a former coordinator once more, when another one leads.</summary>
    private void Deliver(SimulatedCall from, ConnectResponse late)
    {
        if (late.Term < term)
            OnMessage(from, late);
    }

    private void OnMessage(SimulatedCall from, ConnectResponse response)
    {
        if (!replica.Works)
            return;
        var effect = session.OnResponse(response);
        cluster.Check(
            response.Term >= term || effect == ResponseEffect.Superseded,
            $"{replica.Id} takes a message of term {response.Term}, though it has received one of term {term}");
        term = Math.Max(term, response.Term);
        last = from == Call ? response : last;
        switch (effect)
        {
            case ResponseEffect.Superseded:
                from.Leave();
                break;
            case ResponseEffect.Obey:
                obey(response);
                break;
        }
    }
}
