using System.Security.Cryptography;
using System.Text.Json;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Coordinator.ActiveRuns;
using ClipDistributed.Coordinator.Settings;
using ClipDistributed.TestKit.Simulation.Stores;

namespace ClipDistributed.TestKit.Simulation;

/// <summary>Runs among faults that follow from a seed, until all is quiet again.</summary>
internal static class FaultsAtRandom
{
    private const int Steps = 60;

    // Faults come within so long after the start, each of them lasts a minute and a half at most.
    private const int FaultsMilliseconds = 15_000;

    // A coordinator's grace, hosts that are closed, a rendezvous that no member comes to: each costs a minute or two.
    // A first step is given five: two members may hang in it, one found after the other, and the coordinator be lost meanwhile.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(20);

    /// <param name="tracer">Receives what happens; null: none.</param>
    /// <param name="store">Null: one without a database.</param>
    /// <exception cref="LawBrokenException">Something that must hold did not.</exception>
    public static void Run(CoordinatorOptions options, int seed, Action<string>? tracer = null, ISimulatedStore? store = null)
    {
        using var cluster = new SimulatedCluster(options, seed, store: store) { Tracer = tracer };
        foreach (var host in cluster.Workers)
            cluster.Time.After(cluster.Between(0, 3000), host.Connect);
        foreach (var host in cluster.Workers)
            host.KillsSlowly = cluster.Pick(3) == 0;
        bool preempts = seed % 3 == 0;
        for (int runs = 1 + cluster.Pick(2); runs > 0; runs--)
        {
            int min = 1 + cluster.Pick(3), max = min + cluster.Pick(3);
            if (preempts)
                cluster.Submit(min, max, Steps, priority: 10 * cluster.Pick(5), isPreemptible: cluster.Pick(5) > 0);
            else
                cluster.Submit(min, max, Steps);
        }
        int urgent = preempts ? 1 + cluster.Pick(2) : 0, all = cluster.Runs.Count + urgent;
        for (; urgent > 0; urgent--)
            cluster.Time.After(cluster.Between(2000, FaultsMilliseconds), () => SubmitUrgent(cluster));
        for (int faults = cluster.Pick(7); faults > 0; faults--)
            cluster.Time.After(cluster.Between(0, FaultsMilliseconds), () => Disturb(cluster));
        if (cluster.Pick(5) == 0)
            cluster.Time.After(cluster.Between(0, FaultsMilliseconds), cluster.Runs[0].Stop);

        for (int scalings = cluster.Pick(4) == 0 ? 1 + cluster.Pick(2) : 0; scalings > 0; scalings--)
        {
            var run = cluster.Runs[cluster.Pick(cluster.Runs.Count)];
            int min = 1 + cluster.Pick(3), max = min + cluster.Pick(3);
            cluster.Time.After(cluster.Between(0, FaultsMilliseconds), () => run.Scale(min, max));
        }
        for (int backs = cluster.Pick(4) == 0 ? 1 + cluster.Pick(2) : 0; backs > 0; backs--)
        {
            var run = cluster.Runs[cluster.Pick(cluster.Runs.Count)];
            cluster.Time.After(cluster.Between(3000, FaultsMilliseconds), run.RollBack);
        }
        for (int pauses = cluster.Pick(4) == 0 ? 1 + cluster.Pick(2) : 0; pauses > 0; pauses--)
        {
            var run = cluster.Runs[cluster.Pick(cluster.Runs.Count)];
            var at = cluster.Between(0, FaultsMilliseconds);
            cluster.Time.After(at, () => run.Pause());
            cluster.Time.After(at + cluster.Between(0, 20_000), () => run.Pause(undo: true));
        }

        cluster.Until(
            () => cluster.Runs.Count == all && cluster.Runs.All(run => run.HasEnded) && cluster.Coordinator is not null, Patience);
        foreach (var run in cluster.Runs)
        {
            CheckEnd(cluster, run);
            cluster.Trace(
                $"{run.RunId} is {run.Journal.Row.State}; its rows give {Digest(run.Journal.Row)} "
                    + $"{Digest(cluster.Incidents(run.RunId))} {Digest(cluster.Records(run.RunId))}"
            );
            run.RecordChecks.CheckRecords(cluster.Records(run.RunId));
            run.RecordChecks.CheckIncidents();
            run.PreemptionChecks.CheckEnd();
        }
        CheckQuiet(cluster);
        cluster.Trace($"all is quiet; chance would give {cluster.Pick(int.MaxValue)} next");
    }

    /// <summary>A submission that fails is repeated.</summary>
    private static void SubmitUrgent(SimulatedCluster cluster)
    {
        int min = 1 + cluster.Pick(5);
        bool isTaken = cluster.Coordinator is { Time.IsStopped: false } && cluster.Submit(
            min, min + cluster.Pick(3), Steps, priority: 30 + 10 * cluster.Pick(7), isPreemptible: cluster.Pick(2) == 0);
        if (!isTaken)
            cluster.Time.After(TimeSpan.FromSeconds(1), () => SubmitUrgent(cluster));
    }

    private static string Digest(object rows) => Convert.ToHexString(SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(rows)), 0, 8);

    private static void CheckEnd(SimulatedCluster cluster, SimulatedRun run)
    {
        var row = run.Journal.Row;
        int unready = cluster.Replicas.Count(replica => replica.Run == run && !replica.WasAdmitted);
        bool allowed = row.State switch
        {
            RunState.Succeeded => row.Step == Steps && run.Saved == Steps,
            RunState.Stopped or RunState.Failed when UnsavedLoss.IsIn(row) => run.MayStop,
            RunState.Stopped => run.MayStop && (row.Generation == 0 || run.Saved >= row.Step),
            RunState.Failed => unready >= ActiveRun.MaxStartupFailures,
            _ => false,
        };
        cluster.Check(allowed, $"{run.RunId} ended {row.State} at step {row.Step}, saved {run.Saved}: {row.Reason}");
    }

    /// <summary>Some time later no replica is left, and no device is used.</summary>
    private static void CheckQuiet(SimulatedCluster cluster)
    {
        var quiet = cluster.Time.Now + TimeSpan.FromMinutes(2);
        cluster.Time.After(TimeSpan.FromMinutes(2), () => { });
        cluster.Until(() => cluster.Time.Now >= quiet && cluster.Coordinator is not null, TimeSpan.FromMinutes(4));
        foreach (var replica in cluster.Replicas)
        {
            cluster.Check(!replica.IsAlive, $"{replica.Id} lives on after its run");
            cluster.Check(!cluster.Coordinator!.Table.Knows(replica.Id), $"{replica.Id} is still expected");
        }
        cluster.Check(
            cluster.Coordinator!.Pool.Snapshot() is { Count: 6 } devices && devices.All(device => device.RunId is null),
            $"not all devices are free"
        );
    }

    private static void Disturb(SimulatedCluster cluster)
    {
        var host = cluster.Workers[cluster.Pick(cluster.Workers.Count)];
        int what = cluster.Pick(21);
        if (what < 7)
            DisturbReplicas(cluster, host, what);
        else if (what < 14)
            DisturbCoordinator(cluster, what - 7);
        else if (what < 19)
            DisturbNetwork(cluster, host, what - 14);
        else if (what < 20)
            cluster.Replicas.ForEach(replica => replica.ChangePace());
        else
        {
            host.Drain();
            cluster.Time.After(cluster.Between(1000, 20_000), () => Undrain(cluster, host));
        }
    }

    private static void DisturbReplicas(SimulatedCluster cluster, SimulatedHost host, int what)
    {
        var living = cluster.Replicas.Where(replica => replica is { IsAlive: true, IsFrozen: false, IsStuck: false }).ToList();
        if (what < 2 && !host.IsDisconnected)
        {
            host.Leave();
            foreach (var replica in host.Replicas.Where(replica => replica.IsAlive).ToList())
            {
                if (what == 0)
                    replica.Die(137); // with their host's process
                else if (cluster.Pick(2) == 0)
                    replica.Cut();
            }
            cluster.Time.After(cluster.Between(300, 8000), host.Connect);
        }
        if (what < 2 || living.Count == 0)
            return;
        var victim = living[cluster.Pick(living.Count)];
        switch (what)
        {
            case 2 when victim.IsLinked:
                victim.Freeze();
                if (cluster.Pick(3) > 0)
                    cluster.Time.After(cluster.Between(2500, 6000), victim.Thaw);
                break;
            case 3 when victim.IsLinked:
                victim.Stick();
                break;
            case 4:
                victim.Cut();
                break;
            default:
                victim.Die(137);
                break;
        }
    }

    /// <summary>A request that cannot be made just now is repeated.</summary>
    private static void Undrain(SimulatedCluster cluster, SimulatedHost host)
    {
        host.Drain(undo: true);
        if (host.IsDrained)
            cluster.Time.After(TimeSpan.FromSeconds(1), () => Undrain(cluster, host));
    }

    private static void DisturbNetwork(SimulatedCluster cluster, SimulatedHost host, int what)
    {
        var duration = cluster.Between(500, cluster.Pick(2) == 0 ? 4000 : 60_000);
        switch (what)
        {
            case 0: // its replicas go on computing with those of other hosts
                host.Cut(duration, up: true, down: true, peers: false);
                break;
            case 1:
                host.Cut(duration, up: true, down: true, peers: true);
                break;
            case 2:
                host.Cut(duration, up: true, down: false, peers: cluster.Pick(2) == 0);
                break;
            case 3:
                host.Cut(duration, up: false, down: true, peers: cluster.Pick(2) == 0);
                break;
            case 4: // connections break, packets pass
                host.BreakCall();
                foreach (var replica in host.Replicas)
                    replica.Cut();
                break;
        }
    }

    /// <param name="what">0 to 6; 5 and 6 leave hosts, replicas and their network to themselves as the others do.</param>
    public static void DisturbCoordinator(SimulatedCluster cluster, int what)
    {
        switch (what)
        {
            case 0:
                cluster.Coordinators.Crash(cluster.Between(500, 20_000));
                break;
            case 1:
            case 2:
                cluster.Coordinators.CrashAtWrite(after: what == 2);
                break;
            case 3:
                cluster.Coordinators.Stop(cluster.Between(1000, 60_000));
                break;
            case 4:
                cluster.Coordinators.LoseStore(cluster.Between(1000, 90_000));
                break;
            case 5:
                cluster.Coordinators.Follow(cluster.Between(5000, 60_000));
                break;
            case 6:
                cluster.Coordinators.SetClock(TimeSpan.FromHours(cluster.Pick(2) == 0 ? 1 : -1));
                break;
        }
    }
}
