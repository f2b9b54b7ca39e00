using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.TestKit.Simulation;

namespace ClipDistributed.Coordinator.Tests.Runs;

/// <summary>Runs of mixed priority on one cluster, some of which make way for others.</summary>
public sealed class PreemptionSimulationTests
{
    private const int Steps = 80;

    /// <summary>Hosts and replicas do not fail: each step is computed once, and each run ends.</summary>
    [Fact]
    public void Runs_PreemptedByUrgentOnes_NoStepIsRecomputed()
    {
        using var folder = new TemporaryFolder();
        var options = SimulatedCluster.Options(folder.Path);
        var failed = Seeds.Run(0, 150, (seed, tracer) =>
        {
            using var cluster = new SimulatedCluster(options, seed) { Tracer = tracer, HasStragglers = false };
            foreach (var host in cluster.Workers)
                host.Connect();
            for (int runs = 2 + cluster.Pick(2); runs > 0; runs--)
                cluster.Submit(1 + cluster.Pick(2), 2 + cluster.Pick(2), Steps, priority: 10 * cluster.Pick(4), isPreemptible: true);
            for (int urgent = 1 + cluster.Pick(3); urgent > 0; urgent--)
            {
                var next = cluster.Time.Now + cluster.Between(1000, 10_000);
                Pass(cluster, next);
                int priority = 40 + 10 * cluster.Pick(6);
                cluster.Submit(2 + cluster.Pick(5), max: 6, Steps, priority: priority, isPreemptible: cluster.Pick(2) == 0);
                if (cluster.Pick(4) == 0)
                    cluster.Coordinators.Crash(cluster.Between(500, 5000));
            }
            cluster.Until(() => cluster.Runs.TrueForAll(run => run.HasEnded), TimeSpan.FromMinutes(20));
            foreach (var run in cluster.Runs)
            {
                cluster.Check(
                    run.Journal.Row is { State: RunState.Succeeded, Step: Steps },
                    $"{run.RunId} ended {run.Journal.Row.State} at step {run.Journal.Row.Step}: {run.Journal.Row.Reason}");
                cluster.Check(!run.Recomputed.Any(), $"{run.RunId} recomputed {string.Join(", ", run.Recomputed)}");
                run.RecordChecks.CheckIncidents(recomputed: 0);
                run.PreemptionChecks.CheckEnd();
                Assert.Equal(Enumerable.Range(1, Steps).Select(step => (long)step), cluster.RecordedSteps(run.RunId));
            }
        });
        Assert.True(failed is null, $"seed {failed?.Seed}: {failed?.Failure}");
    }

    /// <summary>Three small ones that may be preempted, and one that may not: the urgent one computes at once all the same.</summary>
    [Fact]
    public void Run_Urgent_ComputesSoonAndTheOthersReturn()
    {
        using var folder = new TemporaryFolder();
        using var cluster = new SimulatedCluster(SimulatedCluster.Options(folder.Path), seed: 1) { HasStragglers = false };
        foreach (var host in cluster.Workers)
            host.Connect();
        foreach (bool isPreemptible in (bool[])[true, false, true])
            cluster.Submit(min: 2, max: 2, steps: 500, priority: 10, isPreemptible: isPreemptible);
        cluster.Until(() => cluster.Runs.TrueForAll(run => run.Done > 5), TimeSpan.FromMinutes(1));
        cluster.Submit(min: 3, max: 4, steps: 30, priority: 90);
        var urgent = cluster.Runs[^1];
        cluster.Until(() => urgent.Done > 0, TimeSpan.FromSeconds(20));
        Assert.Equal(
            [RunState.Preempted, RunState.Running, RunState.Preempted, RunState.Running],
            cluster.Runs.Select(run => run.Journal.Row.State));
        long[] before = [.. cluster.Runs.Select(run => run.Done)];
        cluster.Until(() => urgent.HasEnded, TimeSpan.FromMinutes(1));
        Assert.Equal((before[0], before[2]), (cluster.Runs[0].Done, cluster.Runs[2].Done));
        cluster.Until(() => cluster.Runs.TrueForAll(run => run.HasEnded), TimeSpan.FromMinutes(10));
        Assert.All(cluster.Runs, run => Assert.Empty(run.Recomputed));
        Assert.Equal([1, 0, 1, 0], cluster.Runs.Select(run => run.Journal.Row.Preemptions));
        Assert.All(cluster.Runs, run => Assert.Equal("", run.Journal.Row.PreemptedBy));
    }

    private static void Pass(SimulatedCluster cluster, TimeSpan until)
    {
        cluster.Time.After(until - cluster.Time.Now, () => { });
        cluster.Until(() => cluster.Time.Now >= until && cluster.Coordinator is not null, TimeSpan.FromMinutes(1));
    }
}
