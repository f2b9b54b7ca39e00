using ClipDistributed.TestKit.Simulation;

namespace ClipDistributed.Coordinator.Tests.Runs;

/// <summary>Several runs on one cluster.</summary>
public sealed class QueueSimulationTests
{
    /// <summary>A law: every run that fits the cluster starts, however many smaller ones come after it.</summary>
    [Fact]
    public void Runs_SmallOnesWithoutEnd_TheLargeOneStarts()
    {
        using var folder = new TemporaryFolder();
        for (int seed = 0; seed < 50; seed++)
        {
            var options = SimulatedCluster.Options(folder.Path) with { BackfillStarts = seed % 4 };
            using var cluster = new SimulatedCluster(options, seed) { HasStragglers = false };
            foreach (var host in cluster.Workers)
                host.Connect();
            for (int i = 0; i < 3; i++)
                cluster.Submit(min: 1, max: 2, steps: 5 + cluster.Pick(20));
            cluster.Until(() => cluster.Runs.TrueForAll(run => run.Done > 0), TimeSpan.FromMinutes(1));
            cluster.Submit(min: 6, max: 6, steps: 20);
            var large = cluster.Runs[^1];
            for (int i = 0; large.Done == 0; i++)
            {
                cluster.Check(i < 100, $"{large.RunId} did not start beside {i} smaller ones");
                cluster.Submit(min: 1, max: 1 + cluster.Pick(2), steps: 5 + cluster.Pick(20));
                var next = TimeSpan.FromSeconds(1 + cluster.Pick(3));
                bool isOver = false;
                cluster.Time.After(next, () => isOver = true);
                cluster.Until(() => isOver || large.Done > 0, TimeSpan.FromMinutes(1));
            }
            int before = cluster.Runs.Skip(4).Count(run => run.Done > 0);
            cluster.Check(before <= options.BackfillStarts, $"{before} runs started before {large.RunId}");
            cluster.Until(() => cluster.Runs.TrueForAll(run => run.HasEnded), TimeSpan.FromHours(1));
        }
    }
}
