using System.Diagnostics;
using System.Runtime.InteropServices;
using ClipDistributed.Collectives;
using ClipDistributed.Collectives.Gloo;
using ClipDistributed.Collectives.Tests;

namespace ClipDistributed.Benchmarks;

/// <summary>Gloo among four processes of this machine: medians of five after one that warms up.</summary>
internal static unsafe class CollectivesBenchmark
{
    private const int World = 4;
    private const int Repeats = 5;
    private const long Elements = 150_000_000; // 600 MB of float32
    private const long Bucket = 25 << 18; // 25 MiB of float32
    private const long Gathered = 8192 * 512;

    /// <summary>Starts the members, which are processes of this program, and waits for them.</summary>
    public static int Run(string[] options)
    {
        string folder = Directory.CreateTempSubdirectory("collectives-").FullName;
        try
        {
            var members = Enumerable.Range(0, World)
                .Select(rank => Process.Start(Environment.ProcessPath!, ["collectives-member", rank.ToString(), folder, .. options])).ToList();
            members.ForEach(member => member.WaitForExit());
            return members.Max(member => member.ExitCode);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <param name="options">Optionally how many operations are carried out at the same time.</param>
    public static int Member(int rank, string folder, string[] options)
    {
        var group = new GlooOptions { Rank = rank, World = World, Name = "the benchmark" };
        if (options.Length > 0)
            group = group with { Threads = int.Parse(options[0]) };
        using var collective = GlooCollective.Connect(group, new FileRendezvous(folder));
        float* data = (float*)NativeMemory.AlignedAlloc((nuint)(Elements * sizeof(float)), 64);
        float* own = (float*)NativeMemory.AlignedAlloc((nuint)(Gathered * sizeof(float)), 64);
        new Span<float>(own, (int)Gathered).Fill(rank);
        for (long i = 0; i < Elements; i++)
            data[i] = rank;
        long[] counts = [.. Enumerable.Repeat(Gathered, World)];

        Measure(collective, "all-reduce of 600 MB at once", () => collective.StartAllReduce((nint)data, Elements, ElementType.Float32).Wait());
        Measure(collective, "all-reduce of 600 MB in buckets of 25 MiB", () =>
        {
            var works = new List<ICollectiveWork>();
            for (long start = 0; start < Elements; start += Bucket)
                works.Add(collective.StartAllReduce((nint)(data + start), Math.Min(Bucket, Elements - start), ElementType.Float32));
            works.ForEach(work => work.Wait());
        });
        Measure(collective, "all-gather of [8192, 512] per rank", () => collective.AllGather((nint)own, (nint)data, counts, ElementType.Float32));
        return 0;
    }

    private static void Measure(ICollective collective, string what, Action operation)
    {
        float barrier = 0;
        var seconds = new List<double>();
        for (int i = 0; i <= Repeats; i++)
        {
            collective.StartAllReduce((nint)(&barrier), 1, ElementType.Float32).Wait();
            long start = Stopwatch.GetTimestamp();
            operation();
            seconds.Add(Stopwatch.GetElapsedTime(start).TotalSeconds);
        }
        if (collective.Rank == 0)
        {
            var measured = seconds.Skip(1).Order().ToList();
            Console.WriteLine($"{what}: {measured[Repeats / 2]:0.000} s (best {measured[0]:0.000}, worst {measured[^1]:0.000}; load {File.ReadAllText("/proc/loadavg").Split(' ')[0]})");
        }
    }
}
