using System.Diagnostics;

namespace ClipDistributed.Coordinator.Tests.Simulated;

/// <summary>Simulates seed after seed, on all processors.</summary>
internal static class Seeds
{
    /// <param name="simulate">A seed; fails where something that must hold does not.</param>
    /// <param name="done">Is told how many have passed, after each, and how long that took.</param>
    /// <returns>Of those that failed, the lowest, and how; null: none did.</returns>
    public static (int Seed, Exception Failure)? Run(int first, int count, Action<int> simulate, Action<int, TimeSpan>? done = null)
    {
        long began = Stopwatch.GetTimestamp();
        int passed = 0;
        (int Seed, Exception Failure)? failed = null;
        Lock gate = new();
        Parallel.For(first, first + count, (seed, state) =>
        {
            try
            {
                simulate(seed);
            }
            catch (Exception failure)
            {
                lock (gate)
                    failed = failed is { } other && other.Seed < seed ? other : (seed, failure);
                state.Break(); // lower ones are still looked at
                return;
            }
            lock (gate)
                done?.Invoke(++passed, Stopwatch.GetElapsedTime(began));
        });
        return failed;
    }

    /// <summary>The command that shows all that happens with a seed.</summary>
    public static string Replay(int seed) => $"make simulation SEED={seed}";
}
