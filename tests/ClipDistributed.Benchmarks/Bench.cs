using System.Diagnostics;
using System.Text.Json;
using ClipDistributed.Collectives;
using ClipDistributed.Training.Tensors;
using static TorchSharp.torch;

namespace ClipDistributed.Benchmarks;

/// <summary>What every measurement is made and shown with; rank 0 prints.</summary>
/// <param name="gemm">This machine's rate of a 2048³ float32 matrix product on two threads, GFLOP/s.</param>
internal sealed class Bench(ICollective group, double gemm)
{
    private static readonly JsonElement Peers = JsonDocument
        .Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "peers.json")))
        .RootElement;

    public ICollective Group => group;

    /// <summary>The peers' input pipeline with two workers, scaled to this machine, images/s.</summary>
    public static double PeerImages(double gemm) =>
        Peers.GetProperty("input_images_per_second").GetDouble() * gemm / Peers.GetProperty("gemm_gflops").GetDouble();

    public static void Header(double gemm)
    {
        Console.WriteLine(
            $"this machine: {gemm:0} GFLOP/s (2048³ float32, {get_num_threads()} threads); the peers' "
                + $"{Peers.GetProperty("gemm_gflops").GetDouble():0}. Peers' seconds are scaled by the ratio."
        );
        Console.WriteLine($"{"", -62} {"seconds", 9} {"peer", 9} {"peer/ours", 9}  {"peak MiB per process", -22} load");
    }

    /// <summary>The median of some repeats after one that warms up, from barrier to the slowest member's end.</summary>
    public void Measure(string what, int repeats, Action work, string note = "")
    {
        var seconds = new List<double>();
        for (int i = 0; i <= repeats; i++)
        {
            Barrier();
            long start = Stopwatch.GetTimestamp();
            work();
            Barrier();
            seconds.Add(Stopwatch.GetElapsedTime(start).TotalSeconds);
        }
        long[] peaks = group.AllGather(PeakBytes(), CPU);
        if (group.Rank == 0)
            Row(what, seconds.Skip(1).Order().ElementAt(repeats / 2), peaks, note);
    }

    private void Row(string what, double seconds, long[] peaks, string note)
    {
        string key = $"{what}, {group.World} process{(group.World == 1 ? "" : "es")}";
        string peer = "", ratio = "", peerPeak = "";
        if (Peers.GetProperty("seconds").TryGetProperty(key, out var measured))
        {
            double scaled = measured.GetDouble() * Peers.GetProperty("gemm_gflops").GetDouble() / gemm;
            (peer, ratio) = ($"{scaled:0.000}", $"{scaled / seconds:0.00}");
        }
        if (Peers.GetProperty("peak_mib").TryGetProperty(key, out var peak))
            peerPeak = $" (peer {peak.GetInt32()})";
        Console.WriteLine(
            $"{key, -62} {seconds, 9:0.000} {peer, 9} {ratio, 9}  {peaks.Max() >> 20}{peerPeak, -18} "
                + $"{File.ReadAllText("/proc/loadavg").Split(' ')[0]}  {note}"
        );
    }

    private void Barrier() => group.AllGather((byte)1, CPU);

    /// <summary>The kernel's high-water mark of resident memory.</summary>
    public static long PeakBytes() =>
        long.Parse(
            File.ReadLines("/proc/self/status")
                .First(line => line.StartsWith("VmHWM:", StringComparison.Ordinal))
                .Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)[1]
        ) << 10;
}
