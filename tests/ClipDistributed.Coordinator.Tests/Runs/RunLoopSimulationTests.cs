using System.Globalization;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Coordinator.Tests.Simulated;
using ClipDistributed.Data.Tests;

namespace ClipDistributed.Coordinator.Tests.Runs;

/// <summary>
/// Runs among faults at random. One seed again: CLIPD_SIMULATION_SEED=17; other ones: CLIPD_SIMULATION_SEEDS=1000 (so many,
/// from 0 on).
/// </summary>
public class RunLoopSimulationTests
{
    private const int Steps = 60;

    [Fact]
    public void Run_FaultsAtRandom_ComesToItsEnd()
    {
        using var folder = new TemporaryFolder();
        var options = SimulatedCluster.Options(folder.Path);
        int first = Setting("CLIPD_SIMULATION_SEED", -1), count = first >= 0 ? 1 : Setting("CLIPD_SIMULATION_SEEDS", 200);
        for (int seed = Math.Max(first, 0), end = seed + count; seed < end; seed++)
        {
            try
            {
                Simulate(options, seed);
            }
            catch (Exception broken) when (broken is not Xunit.Sdk.FailException)
            {
                throw new InvalidOperationException($"seed {seed}", broken);
            }
        }
    }

    /// <summary>Nothing happens to hosts, replicas and their network: then nothing is done twice, started twice or told twice.</summary>
    [Fact]
    public void Run_OnlyTheCoordinatorFails_NothingIsRedone()
    {
        using var folder = new TemporaryFolder();
        var options = SimulatedCluster.Options(folder.Path);
        int first = Setting("CLIPD_SIMULATION_SEED", -1), count = first >= 0 ? 1 : Setting("CLIPD_SIMULATION_SEEDS", 40);
        for (int seed = Math.Max(first, 0), end = seed + count; seed < end; seed++)
        {
            using var cluster = new SimulatedCluster(options, seed);
            foreach (var host in cluster.Workers)
                host.Connect();
            cluster.Submit(min: 3, max: 3, steps: 400);
            var run = cluster.Runs[0];
            cluster.Until(() => run.Done >= 5, TimeSpan.FromMinutes(1)); // they have found each other
            for (int faults = 1 + cluster.Pick(3); faults > 0; faults--)
                cluster.Time.After(cluster.Between(0, 30_000), () => DisturbCoordinator(cluster, cluster.Pick(5)));
            cluster.Until(() => run.HasEnded, TimeSpan.FromMinutes(20));

            cluster.Check(run.Journal.Row is { Phase: RunPhase.Succeeded, Generation: 1 }, $"the run ended {run.Journal.Row.Phase} in generation {run.Journal.Row.Generation}: {run.Journal.Row.Reason}");
            cluster.Check(!run.Redone.Any(), $"steps were done again: {string.Join(", ", run.Redone)}");
            cluster.Check(cluster.Replicas.Count == 3, $"{cluster.Replicas.Count} replicas were started");
            CheckIncidents(cluster, run, redone: 0);
            Assert.Equal(Enumerable.Range(1, 400).Select(step => (long)step), cluster.RecordedSteps(run.RunId));
        }
    }

    /// <summary>Hosts are drained one after the other, and offer their devices again: each step is computed once.</summary>
    [Fact]
    public void Run_HostsAreDrained_NothingIsRedone()
    {
        using var folder = new TemporaryFolder();
        var options = SimulatedCluster.Options(folder.Path);
        int first = Setting("CLIPD_SIMULATION_SEED", -1), count = first >= 0 ? 1 : Setting("CLIPD_SIMULATION_SEEDS", 10);
        for (int seed = Math.Max(first, 0), end = seed + count; seed < end; seed++)
        {
            using var cluster = new SimulatedCluster(options, seed);
            foreach (var host in cluster.Workers)
                host.Connect();
            int min = 1 + cluster.Pick(3);
            cluster.Submit(min, max: min + cluster.Pick(3), steps: 300);
            var run = cluster.Runs[0];
            cluster.Until(() => run.Done >= 5, TimeSpan.FromMinutes(1));
            for (int drains = 1 + cluster.Pick(4); drains > 0; drains--)
            {
                var host = cluster.Workers[cluster.Pick(3)];
                cluster.Time.After(cluster.Between(0, 15_000), () => host.Drain());
                cluster.Time.After(cluster.Between(2_000, 30_000), () => host.Drain(undo: true));
            }
            cluster.Time.After(TimeSpan.FromSeconds(31), () =>
            {
                foreach (var host in cluster.Workers)
                    host.Drain(undo: true);
            });
            cluster.Until(() => run.HasEnded, TimeSpan.FromMinutes(20));

            cluster.Check(run.Journal.Row is { Phase: RunPhase.Succeeded, Step: 300 }, $"the run ended {run.Journal.Row.Phase} at step {run.Journal.Row.Step}: {run.Journal.Row.Reason}");
            cluster.Check(!run.Redone.Any(), $"steps were done again: {string.Join(", ", run.Redone)}");
            cluster.Check(cluster.Replicas.All(replica => !replica.IsAlive), "a replica lives on after its run");
            CheckIncidents(cluster, run, redone: 0);
            Assert.Equal(Enumerable.Range(1, 300).Select(step => (long)step), cluster.RecordedSteps(run.RunId));
        }
    }

    private static void Simulate(CoordinatorOptions options, int seed)
    {
        using var cluster = new SimulatedCluster(options, seed);
        foreach (var host in cluster.Workers)
            cluster.Time.After(cluster.Between(0, 3000), host.Connect);
        for (int runs = 1 + cluster.Pick(2); runs > 0; runs--)
        {
            int min = 1 + cluster.Pick(3);
            cluster.Submit(min, min + cluster.Pick(3), Steps);
        }
        for (int faults = cluster.Pick(7); faults > 0; faults--)
            cluster.Time.After(cluster.Between(0, 15_000), () => Disturb(cluster));
        if (cluster.Pick(5) == 0)
            cluster.Time.After(cluster.Between(0, 15_000), cluster.Runs[0].Stop);

        cluster.Until(() => cluster.Runs.All(run => run.HasEnded) && cluster.Coordinator is not null, TimeSpan.FromMinutes(20));
        foreach (var run in cluster.Runs)
        {
            CheckEnd(cluster, run);
        }
        var quiet = cluster.Time.Now + TimeSpan.FromMinutes(1);
        cluster.Time.After(TimeSpan.FromMinutes(1), () => { });
        cluster.Until(() => cluster.Time.Now >= quiet, TimeSpan.FromMinutes(2));
        foreach (var replica in cluster.Replicas)
        {
            cluster.Check(!replica.IsAlive, $"{replica.Id} lives on after its run");
            cluster.Check(!cluster.Coordinator!.Table.Knows(replica.Id), $"{replica.Id} is still expected");
        }
        cluster.Check(cluster.Coordinator!.Pool.Snapshot() is { Count: 6 } devices && devices.All(device => device.RunId is null), "not all devices are free");
        foreach (var host in cluster.Workers.Where(host => !host.IsAway))
            host.Leave();
    }

    private static void CheckEnd(SimulatedCluster cluster, SimulatedRun run)
    {
        var row = run.Journal.Row;
        int unready = cluster.Replicas.Count(replica => replica.Run == run && !replica.WasGreeted);
        bool allowed = row.Phase switch
        {
            RunPhase.Succeeded => row.Step == Steps && run.Saved == Steps,
            RunPhase.Stopped => run.MayStop && (row.Generation == 0 || run.Saved >= row.Step),
            RunPhase.Failed when row.Reason.StartsWith("all replicas were lost before they could save", StringComparison.Ordinal) => run.MayStop,
            RunPhase.Failed when row.Reason.StartsWith("3 replicas in a row", StringComparison.Ordinal) => unready >= 3,
            _ => false,
        };
        cluster.Check(allowed, $"{run.RunId} ended {row.Phase} at step {row.Step}, saved {run.Saved}: {row.Reason}");
        CheckIncidents(cluster, run);
    }

    /// <summary>What cost time or replicas is told, and no second twice.</summary>
    private static void CheckIncidents(SimulatedCluster cluster, SimulatedRun run, long redone = long.MaxValue)
    {
        var row = run.Journal.Row;
        var incidents = cluster.Incidents(run.RunId);
        cluster.Check(incidents.All(incident => incident is { Closed: not null, Action: not "", SecondsLost: >= 0 }), $"{run.RunId} has incidents without an end");
        cluster.Check(incidents.All(incident => incident.SamplesRepeated == 0), "samples were repeated");
        cluster.Check(incidents.Count >= row.Generation - 1, $"{incidents.Count} incidents, though generation {row.Generation} was the last");
        cluster.Check(incidents.Sum(incident => incident.StepsRedone) <= redone, "steps count as done again");
        double lost = incidents.Sum(incident => incident.SecondsLost!.Value);
        double late = 0.2 * incidents.Count; // records of steps that were computed before it was closed come up to so much later
        cluster.Check(row.UsefulSeconds + lost <= row.WallSeconds + late + 0.001, $"{row.UsefulSeconds} s in steps and {lost} s lost of {row.WallSeconds} s");
    }

    private static void Disturb(SimulatedCluster cluster)
    {
        var living = cluster.Replicas.Where(replica => replica is { IsAlive: true, IsFrozen: false, IsStuck: false }).ToList();
        var host = cluster.Workers[cluster.Pick(cluster.Workers.Count)];
        int what = cluster.Pick(13);
        if (what == 12)
        {
            host.Drain();
            cluster.Time.After(cluster.Between(1000, 20_000), () => Undrain(cluster, host));
            return;
        }
        if (what >= 7)
        {
            DisturbCoordinator(cluster, what - 7);
            return;
        }
        if (what < 2 && !host.IsAway)
        {
            host.Leave();
            foreach (var replica in host.Replicas.Where(replica => replica.IsAlive).ToList())
            {
                if (what == 0)
                    replica.Die(137); // with their host's process
                else if (cluster.Pick(2) == 0)
                    replica.Cut();
            }
            cluster.Time.After(cluster.Between(300, 8000), () => { if (host.IsAway) host.Connect(); });
        }
        if (what < 2 || living.Count == 0)
            return;
        var victim = living[cluster.Pick(living.Count)];
        switch (what)
        {
            case 2 when victim.IsLinked:
                victim.Freeze();
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

    /// <summary>Whoever cannot ask just now asks again.</summary>
    private static void Undrain(SimulatedCluster cluster, SimulatedHost host)
    {
        host.Drain(undo: true);
        if (host.IsDrained)
            cluster.Time.After(TimeSpan.FromSeconds(1), () => Undrain(cluster, host));
    }

    private static void DisturbCoordinator(SimulatedCluster cluster, int what)
    {
        switch (what)
        {
            case 0:
                cluster.Crash(cluster.Between(500, 20_000));
                break;
            case 1:
            case 2:
                cluster.CrashAtWrite(after: what == 2);
                break;
            case 3:
                cluster.StopCoordinator(cluster.Between(1000, 60_000));
                break;
            case 4:
                cluster.LoseStore(cluster.Between(1000, 60_000));
                break;
        }
    }

    private static int Setting(string name, int otherwise) =>
        Environment.GetEnvironmentVariable(name) is { } value ? int.Parse(value, CultureInfo.InvariantCulture) : otherwise;
}
