using ClipDistributed.Coordinator.Settings;
using ClipDistributed.TestKit.Simulation.Stores;

namespace ClipDistributed.TestKit.Simulation;

/// <summary>The coordinators of a cluster, which follow each other, and the store that they share.</summary>
internal sealed class SimulatedCoordinators : IDisposable
{
    private const int MaxWrites = 10_000; // at one moment

    private readonly SimulatedCluster cluster;
    private readonly CoordinatorOptions options;
    private readonly StoreFaults faults = new();
    private readonly List<SimulatedCoordinator> all = []; // that were ever started
    private TimeSpan wroteAt;
    private int writes; // at that moment

    public SimulatedCoordinators(SimulatedCluster cluster, CoordinatorOptions options, ISimulatedStore store)
    {
        (this.cluster, this.options, Store) = (cluster, options, store);
        Leading = NewCoordinator();
    }

    public ISimulatedStore Store { get; }

    /// <summary>The one that leads; null: none does. One that was followed while it stood still may run besides.</summary>
    public SimulatedCoordinator? Leading { get; private set; }

    /// <summary>That was started last.</summary>
    public SimulatedCoordinator Last => all[^1];

    /// <summary>Of the last one.</summary>
    public long Term => Last.Term;

    /// <summary>Until when the store cannot be written.</summary>
    public TimeSpan StoreUnavailableUntil { get; private set; }

    /// <summary>A coordinator's wall clock was set: durations across two of them are meaningless.</summary>
    public bool ClockWasSet { get; private set; }

    /// <summary>It leads, and neither it nor its store has stood still lately: what it decides it does at once.</summary>
    public bool IsUndisturbed(SimulatedCoordinator one)
    {
        var lately = cluster.Time.Now - TimeSpan.FromSeconds(4);
        return one == Leading && one.Time.StoppedUntil < lately && StoreUnavailableUntil < lately;
    }

    public void SetClock(TimeSpan by)
    {
        ClockWasSet = true;
        Leading?.Time.SetClock(by);
    }

    /// <summary>The process is gone; another one starts with the same store some time later.</summary>
    public void Crash(TimeSpan downtime)
    {
        if (Leading is not { } crashed)
            return;
        cluster.Trace($"the coordinator of term {crashed.Term} crashes");
        Leading = null;
        End(crashed);
        cluster.Time.After(downtime, Restart);
    }

    /// <summary>A coordinator's process stands still for a while: pings are not answered.</summary>
    public void Stop(TimeSpan duration)
    {
        cluster.Trace($"the coordinator stands still for {duration}");
        if (Leading is not { } stopped)
            return;
        stopped.Time.Stop(duration);
        foreach (var call in CallsOf(stopped))
            call.AwaitPings(() => stopped.Time.IsStopped);
    }

    /// <summary>The one that leads stands still, another one that has stood by takes its place; the first one wakes up later, and finds
    /// that out.</summary>
    public void Follow(TimeSpan duration)
    {
        if (Leading is not { Time.IsStopped: false } first)
            return;
        Stop(duration);
        cluster.Time.After(cluster.Between(5000, 8000), () =>
        {
            if (Leading != first || !first.Time.IsStopped)
                return;
            Start();
            // Its heartbeat is refused, at the latest then.
            cluster.Time.After(first.Time.StoppedUntil - cluster.Time.Now + cluster.Between(0, 1000), () => first.Run(() => End(first)));
        });
    }

    /// <summary>A coordinator's process ends.</summary>
    public void End(SimulatedCoordinator ended)
    {
        if (ended.Over.IsCancellationRequested)
            return;
        cluster.Trace($"the coordinator of term {ended.Term} ends");
        ended.End();
        cluster.Thread.Run();
        foreach (var call in CallsOf(ended))
            call.End();
        foreach (var run in cluster.Runs)
            run.BreakMeetings();
        cluster.Thread.Run();
        if (Leading != ended)
            return;
        Leading = null;
        cluster.Time.After(cluster.Between(500, 5000), Restart);
    }

    private void Restart()
    {
        if (Leading is null)
            Start();
    }

    private List<SimulatedCall> CallsOf(SimulatedCoordinator one) =>
        [
            .. cluster
                .Workers.SelectMany(host => host.Wires)
                .Concat(cluster.Replicas.Select(replica => replica.Call).OfType<SimulatedCall>())
                .Where(call => call.Coordinator == one),
        ];

    /// <summary>The store cannot be written for a while.</summary>
    public void LoseStore(TimeSpan duration)
    {
        var until = cluster.Time.Now + duration;
        StoreUnavailableUntil = until;
        faults.IsUnavailable = () => cluster.Time.Now < until;
        faults.LosesResponse = () =>
        {
            faults.LosesResponse = () => false; // to one write, which is tried again
            return true;
        };
        cluster.Trace($"the store is unavailable for {duration}");
    }

    /// <summary>The coordinator's process ends right before or right after its next write.</summary>
    public void CrashAtWrite(bool after)
    {
        bool Dies()
        {
            (faults.DiesBefore, faults.DiesAfter) = (() => false, () => false);
            cluster.Time.After(TimeSpan.Zero, () => Crash(cluster.Between(500, 15_000)));
            return true;
        }
        if (after)
            faults.DiesAfter = Dies;
        else
            faults.DiesBefore = Dies;
    }

    private void Start()
    {
        Leading = NewCoordinator();
        cluster.Trace($"a coordinator of term {Term} starts");
        foreach (var run in cluster.Runs)
            cluster.Thread.Run(run.TakeOverAsync(Leading));
    }

    private SimulatedCoordinator NewCoordinator()
    {
        long term = all.Count + 1;
        var seen = new StoreFaults
        {
            IsUnavailable = () => faults.IsUnavailable(),
            LosesResponse = () => faults.LosesResponse(),
            DiesBefore = () => faults.DiesBefore(),
            DiesAfter = () => faults.DiesAfter(),
            Committed = () => CheckWrite(term),
        };
        all.Add(new SimulatedCoordinator(options, Store.Lead(seen), new StoppableTime(cluster.Time), new SimulatedAttempts(cluster)));
        all[^1].Pool.Preempted += (victim, by) => cluster.RunOf(victim).PreemptionChecks.OnPreempted(cluster.RunOf(by).Need);
        return all[^1];
    }

    private void CheckWrite(long term)
    {
        cluster.Check(term == Term, $"the coordinator of term {term} writes, though that of term {Term} leads");
        (wroteAt, writes) = (cluster.Time.Now, cluster.Time.Now == wroteAt ? writes + 1 : 1);
        cluster.Check(writes < MaxWrites, $"the coordinator writes again and again, though nothing happens");
    }

    public void Dispose()
    {
        foreach (var one in all)
            one.Dispose();
        Store.Dispose();
    }
}
