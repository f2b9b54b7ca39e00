namespace ClipDistributed.TestKit.Simulation;

/// <summary>
/// One call of a host or a replica, as gRPC over a TCP connection gives it. In one direction messages arrive in the order in
/// which they were sent, each once: nothing is reordered or duplicated there, and nothing is lost but the end of the stream
/// when the connection breaks. All else happens between calls: those of different members are in no order, the last words of an
/// old call may arrive behind the hello of its successor, and what that says again may have arrived before.
/// Where packets are lost for a while they are sent again: late, unless a side has given the connection up by then, which
/// it does when a ping is not answered.
/// </summary>
/// <param name="left">The member's side is over: it may call again.</param>
/// <param name="ended">The coordinator's side is over.</param>
internal sealed class SimulatedCall(
    SimulatedCluster cluster,
    SimulatedHost host,
    SimulatedCoordinator coordinator,
    Action left,
    Action ended
)
{
    private readonly OneWay up = new(cluster, () => host.UpCutUntil), down = new(cluster, () => host.DownCutUntil);
    private bool isBroken;

    public SimulatedCoordinator Coordinator => coordinator;

    /// <summary>For the member.</summary>
    public bool IsLeft { get; private set; }

    /// <summary>For the coordinator.</summary>
    public bool IsOver { get; private set; }

    /// <param name="happens">At the coordinator.</param>
    public void Up(Action happens) => up.Send(() => coordinator.Run(() =>
    {
        if (!IsOver)
            happens();
    }));

    /// <param name="happens">At the member.</param>
    public void Down(Action happens) => down.Send(() =>
    {
        if (!IsLeft)
            happens();
    });

    /// <summary>The connection breaks: of what is under way a part still arrives, then each side sees the end, in its time.</summary>
    public void Break()
    {
        if (isBroken)
            return;
        isBroken = true;
        up.Break(cluster.Between(0, 3000), () => coordinator.Run(End));
        down.Break(cluster.Between(0, 3000), Leave);
        AwaitPings(() => true);
    }

    /// <summary>Pings are not answered: each side gives the call up if that is still so when it has waited long enough.</summary>
    public void AwaitPings(Func<bool> isSilent)
    {
        cluster.Time.After(cluster.Between(5000, 10_000), () => { if (isSilent()) Leave(); });
        cluster.Time.After(cluster.Between(5000, 10_000), () => coordinator.Run(() => { if (isSilent()) End(); }));
    }

    /// <summary>The member ends it, or its process ends: what it has said before is under way still.</summary>
    public void Leave()
    {
        if (IsLeft)
            return;
        IsLeft = true;
        Break();
        left();
    }

    /// <summary>The coordinator ends it, or its process ends.</summary>
    public void End()
    {
        if (IsOver)
            return;
        IsOver = true;
        Break();
        ended();
    }

    /// <summary>One direction.</summary>
    /// <param name="cutUntil">Until when nothing passes.</param>
    private sealed class OneWay(SimulatedCluster cluster, Func<TimeSpan> cutUntil)
    {
        private readonly Queue<Action> underWay = new();
        private TimeSpan last; // arrival
        private bool isBroken;

        public void Send(Action arrives)
        {
            if (!isBroken)
                Add(arrives, cluster.Between(0, 200));
        }

        public void Break(TimeSpan seen, Action end)
        {
            isBroken = true;
            var first = underWay.Take(cluster.Pick(underWay.Count + 1)).ToList();
            underWay.Clear();
            first.ForEach(underWay.Enqueue);
            Add(end, seen);
        }

        private void Add(Action arrives, TimeSpan delay)
        {
            underWay.Enqueue(arrives);
            last = cluster.Time.Now + delay > last ? cluster.Time.Now + delay : last;
            cluster.Time.After(last - cluster.Time.Now, Arrive);
        }

        /// <summary>Delivers the first in the queue: so the order stays.</summary>
        private void Arrive()
        {
            if (cutUntil() > cluster.Time.Now)
                cluster.Time.After(cutUntil() - cluster.Time.Now, Arrive);
            else if (underWay.TryDequeue(out var arrives))
                arrives();
        }
    }
}
