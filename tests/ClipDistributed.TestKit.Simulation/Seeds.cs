using System.Diagnostics;

namespace ClipDistributed.TestKit.Simulation;

/// <summary>Simulates seed after seed, on all processors.</summary>
internal static class Seeds
{
    private const int LastLines = 60;

    /// <param name="simulate">A seed; fails where something that must hold does not. Traces what happens where it has a tracer.</param>
    /// <param name="done">Receives how many have passed, after each, and how long that took.</param>
    /// <returns>Of those that failed, the lowest, and how; null: none did.</returns>
    public static (int Seed, string Failure)? Run(
        int first,
        int count,
        Action<int, Action<string>?> simulate,
        Action<int, TimeSpan>? done = null
    )
    {
        long began = Stopwatch.GetTimestamp();
        int next = first - 1, passed = 0;
        (int Seed, Exception Failure)? failed = null;
        Lock gate = new();
        // Threads of their own: those of the pool take part in what is simulated.
        var threads = Enumerable.Range(0, Environment.ProcessorCount).Select(_ => new Thread(Simulate)).ToList();
        threads.ForEach(thread => thread.Start());
        threads.ForEach(thread => thread.Join());
        return failed is var (seed, failure) ? (seed, Explained(seed, failure)) : null;

        string Explained(int seed, Exception failure)
        {
            // Once more, with what led to it: lines are formatted only for a tracer.
            var lines = new Queue<string>();
            try
            {
                simulate(seed, line =>
                {
                    lines.Enqueue(line);
                    if (lines.Count > LastLines)
                        lines.Dequeue();
                });
            }
            catch (Exception again) when (again.GetType() == failure.GetType())
            {
                return $"{again}\n{string.Join('\n', lines)}";
            }
            return $"{failure}\nIt did not fail when it was tried again: something does not follow from the seed.";
        }

        void Simulate()
        {
            // Lower seeds were begun before, so the lowest that fails is found.
            for (int seed; failed is null && (seed = Interlocked.Increment(ref next)) < first + count;)
            {
                try
                {
                    simulate(seed, null);
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
