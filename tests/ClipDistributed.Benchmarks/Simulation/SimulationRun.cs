using ClipDistributed.Coordinator.Settings;
using ClipDistributed.TestKit.Simulation;

namespace ClipDistributed.Benchmarks.Simulation;

/// <summary>The coordinator's loops among faults at random, for as many seeds as one likes.</summary>
internal static class SimulationRun
{
    /// <summary>Says every minute how far it is; where a seed fails, which one, and how to see it.</summary>
    /// <returns>The exit code.</returns>
    public static int Run(int first, int count) => InFolder(options =>
    {
        int minutes = 0;
        var failed = Seeds.Run(first, count, (seed, tracer) => FaultsAtRandom.Run(options, seed, tracer), (passed, took) =>
        {
            if (took.TotalMinutes < minutes + 1 && passed < count)
                return;
            minutes = (int)took.TotalMinutes;
            Console.WriteLine($"{passed} of {count} seeds passed in {took.TotalMinutes:0.0} minutes, {passed / took.TotalSeconds:0} "
                + $"a second");
        });
        if (failed is not var (seed, failure))
            return 0;
        Console.Error.WriteLine($"seed {seed} fails ({Seeds.Replay(seed)} shows all of it): {failure}");
        return 1;
    });

    /// <summary>One seed, with all that happens.</summary>
    /// <returns>The exit code.</returns>
    public static int Replay(int seed) => InFolder(options =>
    {
        try
        {
            FaultsAtRandom.Run(options, seed, Console.WriteLine);
            Console.WriteLine($"seed {seed} passes");
            return 0;
        }
        catch (Exception failure)
        {
            Console.Error.WriteLine($"seed {seed} fails: {failure}");
            return 1;
        }
    });

    private static int InFolder(Func<CoordinatorOptions, int> run)
    {
        string folder = Directory.CreateTempSubdirectory("simulation-").FullName;
        try
        {
            return run(SimulatedCluster.Options(folder));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
