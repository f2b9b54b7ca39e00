using System.Globalization;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.TestKit.Simulation;
using ClipDistributed.TestKit.Simulation.Stores;

namespace ClipDistributed.Coordinator.Tests.Runs;

/// <summary>
/// Runs among faults at random. One seed again: CLIPD_SIMULATION_SEED=17; other ones: CLIPD_SIMULATION_SEEDS=1000 (so many,
/// from 0 on).
/// </summary>
public class RunLoopSimulationTests
{
    [Fact]
    public void Run_FaultsAtRandom_ComesToItsEnd()
    {
        using var folder = new TemporaryFolder();
        var options = SimulatedCluster.Options(folder.Path);
        ForSeeds(2000, (seed, tracer) => FaultsAtRandom.Run(options, seed, tracer));
    }

    /// <summary>
    /// Seeds that failed once, beyond those above: a group that is cut off while its run is rolled back; a roll back and a resume that are
    /// taken together, and nothing after them; a stop of a run that was paused when all its replicas were lost; a coordinator that takes a
    /// run over while it pauses, and whose last replica never comes back; links, host calls and a group that break at once after the
    /// coordinator stood still; two coordinators in a row that count the same seconds as lost.
    /// </summary>
    [Theory]
    [InlineData(7231)]
    [InlineData(28988)]
    [InlineData(40748)]
    [InlineData(42127)]
    [InlineData(44855)]
    [InlineData(63673)]
    public void Run_SeedThatFailedOnce_ComesToItsEnd(int seed)
    {
        using var folder = new TemporaryFolder();
        FaultsAtRandom.Run(SimulatedCluster.Options(folder.Path), seed, tracer: null);
    }

    /// <summary>With the real store's tables and statements, in a database in memory. What happens is the same as without, to the last
    /// row.</summary>
    [Fact]
    public void Run_FaultsAtRandomWithADatabase_IsTheSame()
    {
        using var folder = new TemporaryFolder();
        var options = SimulatedCluster.Options(folder.Path);
        ForSeeds(60, (seed, tracer) =>
        {
            List<string> lines = [], same = [];
            FaultsAtRandom.Run(options, seed, tracer ?? lines.Add, new DatabaseStore());
            FaultsAtRandom.Run(options, seed, same.Add);
            if (tracer is null)
                Assert.Equal(lines, same);
        });
    }

    /// <summary>
    /// Nothing happens to hosts, replicas and their network: then no step is computed twice, no replica started twice, no record sent
    /// twice.
    /// </summary>
    [Fact]
    public void Run_OnlyTheCoordinatorFails_NoStepIsRecomputed()
    {
        using var folder = new TemporaryFolder();
        var options = SimulatedCluster.Options(folder.Path);
        ForSeeds(200, (seed, tracer) =>
        {
            using var cluster = new SimulatedCluster(options, seed) { Tracer = tracer, HasStragglers = false };
            foreach (var host in cluster.Workers)
                host.Connect();
            cluster.Submit(min: 3, max: 3, steps: 400);
            var run = cluster.Runs[0];
            cluster.Until(() => run.Done >= 5, TimeSpan.FromMinutes(1)); // they have found each other
            for (int faults = 1 + cluster.Pick(3); faults > 0; faults--)
                cluster.Time.After(cluster.Between(0, 30_000), () => FaultsAtRandom.DisturbCoordinator(cluster, cluster.Pick(7)));
            cluster.Until(() => run.HasEnded, TimeSpan.FromMinutes(20));

                cluster.Check(
                    run.Journal.Row is { State: RunState.Succeeded, Generation: 1 },
                    $"the run ended {run.Journal.Row.State} in generation {run.Journal.Row.Generation}: {run.Journal.Row.Reason}"
                );
                cluster.Check(!run.Recomputed.Any(), $"steps were recomputed: {string.Join(", ", run.Recomputed)}");
                cluster.Check(cluster.Replicas.Count == 3, $"{cluster.Replicas.Count} replicas were started");
                run.RecordChecks.CheckIncidents(recomputed: 0);
                Assert.Equal(Enumerable.Range(1, 400).Select(step => (long)step), cluster.RecordedSteps(run.RunId));
            }
        );
    }

    [Fact]
    public void Run_ClockIsSet_IsAnIncidentAndNoTimeoutGoesByIt()
    {
        using var folder = new TemporaryFolder();
        using var cluster = new SimulatedCluster(SimulatedCluster.Options(folder.Path), seed: 1) { HasStragglers = false };
        foreach (var host in cluster.Workers)
            host.Connect();
        cluster.Submit(min: 3, max: 3, steps: 100);
        var run = cluster.Runs[0];
        cluster.Until(() => run.Done >= 20, TimeSpan.FromMinutes(1));
        cluster.Coordinators.SetClock(TimeSpan.FromHours(1));
        cluster.Until(() => run.Done >= 40, TimeSpan.FromMinutes(1));
        cluster.Coordinators.SetClock(-TimeSpan.FromHours(1));
        cluster.Until(() => run.HasEnded, TimeSpan.FromMinutes(10));

        Assert.Equal((RunState.Succeeded, 1L), (run.Journal.Row.State, run.Journal.Row.Generation));
        Assert.Equal(
            ["the coordinator's clock was set ahead by 60 minutes", "the coordinator's clock was set back by 60 minutes"],
            cluster.Incidents(run.RunId).Select(incident => incident.Evidence)
        );
        Assert.All(cluster.Incidents(run.RunId), incident => Assert.InRange(incident.SecondsLost!.Value, 0, 1));
    }

    /// <summary>Hosts are drained one after the other, and offer their devices again: each step is computed once.</summary>
    [Fact]
    public void Run_HostsAreDrained_NoStepIsRecomputed()
    {
        using var folder = new TemporaryFolder();
        var options = SimulatedCluster.Options(folder.Path);
        ForSeeds(100, (seed, tracer) =>
        {
            using var cluster = new SimulatedCluster(options, seed) { Tracer = tracer, HasStragglers = false };
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

            cluster.Check(run.Journal.Row is { State: RunState.Succeeded, Step: 300 }, $"the run ended {run.Journal.Row.State} at step "
                + $"{run.Journal.Row.Step}: {run.Journal.Row.Reason}");
            cluster.Check(!run.Recomputed.Any(), $"steps were recomputed: {string.Join(", ", run.Recomputed)}");
            cluster.Check(cluster.Replicas.All(replica => !replica.IsAlive), $"a replica lives on after its run");
            run.RecordChecks.CheckIncidents(recomputed: 0);
            Assert.Equal(Enumerable.Range(1, 300).Select(step => (long)step), cluster.RecordedSteps(run.RunId));
        });
    }

    /// <summary>Others may take its devices meanwhile; it goes on with the step after the last one.</summary>
    [Fact]
    public void Run_PausedAndResumed_NoStepIsRecomputed()
    {
        using var folder = new TemporaryFolder();
        var options = SimulatedCluster.Options(folder.Path);
        ForSeeds(150, (seed, tracer) =>
        {
            using var cluster = new SimulatedCluster(options, seed) { Tracer = tracer, HasStragglers = false };
            foreach (var host in cluster.Workers)
                host.Connect();
            int min = 1 + cluster.Pick(3);
            cluster.Submit(min, max: min + cluster.Pick(3), steps: 200);
            cluster.Submit(min: 2, max: 6, steps: 100);
            var run = cluster.Runs[0];
            for (int pauses = 1 + cluster.Pick(3); pauses > 0 && !run.HasEnded; pauses--)
            {
                long next = run.Done + 1 + cluster.Pick(20);
                cluster.Until(() => run.Done >= next || run.HasEnded, TimeSpan.FromMinutes(5));
                run.Pause();
                if (cluster.Pick(3) > 0)
                    cluster.Until(() => run.Journal.Row.State == RunState.Paused || run.HasEnded, TimeSpan.FromMinutes(1));
                if (cluster.Pick(4) == 0)
                    cluster.Coordinators.Crash(cluster.Between(500, 5000));
                var (done, until) = (run.Done, cluster.Time.Now + cluster.Between(0, 60_000));
                bool isPaused = run.Journal.Row.State == RunState.Paused;
                cluster.Time.After(TimeSpan.FromMinutes(1), () => { });
                cluster.Until(() => cluster.Time.Now >= until && cluster.Coordinator is not null, TimeSpan.FromMinutes(2));
                cluster.Check(!isPaused || run.Done == done, $"step {run.Done} was computed while the run was paused at {done}");
                cluster.Time.After(TimeSpan.Zero, () => run.Pause(undo: true));
            }
            cluster.Until(() => cluster.Runs.All(one => one.HasEnded), TimeSpan.FromMinutes(20));

            cluster.Check(
                run.Journal.Row is { State: RunState.Succeeded, Step: 200 },
                $"the run ended {run.Journal.Row.State} at step {run.Journal.Row.Step}: {run.Journal.Row.Reason}"
            );
            cluster.Check(!run.Recomputed.Any(), $"steps were recomputed: {string.Join(", ", run.Recomputed)}");
            run.RecordChecks.CheckIncidents(recomputed: 0);
            Assert.Equal(Enumerable.Range(1, 200).Select(step => (long)step), cluster.RecordedSteps(run.RunId));
        });
    }

    /// <summary>It grows and shrinks at step boundaries, and comes to the number of replicas that it is to have.</summary>
    [Fact]
    public void Run_Scaled_NoStepIsRecomputed()
    {
        using var folder = new TemporaryFolder();
        var options = SimulatedCluster.Options(folder.Path);
        ForSeeds(100, (seed, tracer) =>
        {
            using var cluster = new SimulatedCluster(options, seed) { Tracer = tracer, HasStragglers = false };
            foreach (var host in cluster.Workers)
                host.Connect();
            cluster.Submit(min: 1 + cluster.Pick(2), max: 2 + cluster.Pick(3), steps: 600);
            var run = cluster.Runs[0];
            for (int scalings = 1 + cluster.Pick(3); scalings > 0; scalings--)
            {
                long next = run.Done + 1 + cluster.Pick(20);
                cluster.Until(() => run.Done >= next, TimeSpan.FromMinutes(5));
                int min = 1 + cluster.Pick(3), max = min + cluster.Pick(4);
                cluster.Time.After(TimeSpan.Zero, () => run.Scale(min, max));
                if (cluster.Pick(2) == 0)
                    cluster.Until(() => cluster.Replicas.Count(replica => replica.IsAlive) == max, TimeSpan.FromMinutes(1));
            }
            cluster.Until(() => run.HasEnded, TimeSpan.FromMinutes(20));

            cluster.Check(
                run.Journal.Row is { State: RunState.Succeeded, Step: 600 },
                $"the run ended {run.Journal.Row.State} at step {run.Journal.Row.Step}: {run.Journal.Row.Reason}"
            );
            cluster.Check(!run.Recomputed.Any(), $"steps were recomputed: {string.Join(", ", run.Recomputed)}");
            run.RecordChecks.CheckIncidents(recomputed: 0);
            Assert.Equal(Enumerable.Range(1, 600).Select(step => (long)step), cluster.RecordedSteps(run.RunId));
        });
    }

    private static void ForSeeds(int count, Action<int, Action<string>?> simulate)
    {
        int first = Setting("CLIPD_SIMULATION_SEED", -1);
        if (Seeds.Run(Math.Max(first, 0), first >= 0 ? 1 : Setting("CLIPD_SIMULATION_SEEDS", count), simulate) is { } failed)
            Assert.Fail($"seed {failed.Seed} ({Seeds.Replay(failed.Seed)} shows all of it): {failed.Failure}");
    }

    private static int Setting(string name, int otherwise) =>
        Environment.GetEnvironmentVariable(name) is { } value ? int.Parse(value, CultureInfo.InvariantCulture) : otherwise;
}
