using System.Runtime.InteropServices;
using ClipDistributed.Collectives;

namespace ClipDistributed.Benchmarks;

/// <summary>The group's own operations on 150 M float32, the gradients of a ViT-B-32.</summary>
internal static unsafe class CollectivesBenchmark
{
    private const long Elements = 150_000_000; // 600 MB of float32
    private const long Bucket = 25 << 18; // 25 MiB of float32
    private const long Gathered = 8192 * 512;

    public static void Run(Bench bench, int repeats)
    {
        var group = bench.Group;
        float* data = (float*)NativeMemory.AlignedAlloc((nuint)(Elements * sizeof(float)), 64);
        float* own = (float*)NativeMemory.AlignedAlloc((nuint)(Gathered * sizeof(float)), 64);
        new Span<float>(own, (int)Gathered).Fill(group.Rank);
        for (long i = 0; i < Elements; i++)
            data[i] = group.Rank;
        long[] counts = [.. Enumerable.Repeat(Gathered, group.World)];

        bench.Measure(
            "all-reduce of 600 MB at once",
            repeats,
            () => group.StartAllReduce((nint)data, Elements, ElementType.Float32).Wait()
        );
        bench.Measure(
            "all-reduce of 600 MB in buckets of 25 MiB",
            repeats,
            () =>
            {
                var works = new List<ICollectiveWork>();
                for (long start = 0; start < Elements; start += Bucket)
                    works.Add(group.StartAllReduce((nint)(data + start), Math.Min(Bucket, Elements - start), ElementType.Float32));
                works.ForEach(work => work.Wait());
            }
        );
        bench.Measure(
            "all-gather of [8192, 512] float32 per rank",
            repeats,
            () => group.AllGather((nint)own, (nint)data, counts, ElementType.Float32)
        );
        NativeMemory.AlignedFree(data);
        NativeMemory.AlignedFree(own);
    }
}
