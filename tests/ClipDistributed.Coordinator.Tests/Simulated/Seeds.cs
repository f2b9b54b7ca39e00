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
        int next = first - 1, passed = 0;
        (int Seed, Exception Failure)? failed = null;
        Lock gate = new();
        // Threads of their own: those of the pool take part in what is simulated.
        var threads = Enumerable.Range(0, Environment.ProcessorCount).Select(_ => new Thread(Simulate)).ToList();
        threads.ForEach(thread => thread.Start());
        threads.ForEach(thread => thread.Join());
        return failed;

        void Simulate()
        {
            // Lower seeds were begun before, so the lowest that fails is found.
            for (int seed; failed is null && (seed = Interlocked.Increment(ref next)) < first + count;)
            {
                try
                {
                    simulate(seed);
                    lock (gate)
                        done?.Invoke(++passed, Stopwatch.GetElapsedTime(began));
                }
                catch (Exception failure)
                {
                    lock (gate)
                        failed = failed is { } other && other.Seed < seed ? other : (seed, failure);
                }
            }
        }
    }

    /// <summary>The command that shows all that happens with a seed.</summary>
    public static string Replay(int seed) => $"make simulation SEED={seed}";
}
