using System.Diagnostics;
using System.Globalization;
using ClipDistributed.Benchmarks;
using ClipDistributed.Benchmarks.Chaos;
using ClipDistributed.Benchmarks.Gpu;
using ClipDistributed.Benchmarks.Load;
using ClipDistributed.Benchmarks.Simulation;
using ClipDistributed.Collectives;
using ClipDistributed.Collectives.Gloo;
using ClipDistributed.Collectives.Tests;
using ClipDistributed.Contracts.Processes;
using ClipDistributed.Model.Native;
using static TorchSharp.torch;

CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
return args switch
{
    [] => All(),
    ["invariance", var clipd] => Invariance(clipd),
    ["gpu", .. var words] => GpuCommand.Run(words) ?? Usage(),
    [GpuCommand.CheckWord, var check, .. var options] => GpuCommand.RunCheck(check, options),
    ["chaos", var clipd, .. var words] => ChaosCommand.Run(clipd, words) ?? Usage(),
    ["load", .. var words] => LoadCommand.Run(words) ?? Usage(),
    ["simulation", "hosts", var hosts] => DecisionTimes.Run(int.Parse(hosts)),
    ["simulation", "replay", var seed] => SimulationRun.Replay(int.Parse(seed)),
    ["simulation", var seeds, .. var first] => SimulationRun.Run(first.Length == 1 ? int.Parse(first[0]) : 0, int.Parse(seeds)),
    ["history", var steps] => HistoryBenchmark.Run(int.Parse(steps)),
    ["input", var images, var workers] => InputBenchmark.Run(int.Parse(images), int.Parse(workers), Gemm()),
    ["member", var rank, var world, var folder, var gemm, .. var what] => Member(
        int.Parse(rank),
        int.Parse(world),
        folder,
        double.Parse(gemm),
        what
    ),
    ["spin", var parent] => BusyNeighbours.Spin(int.Parse(parent)),
    [var world, .. var what] when int.TryParse(world, out int members) && what.Length > 0 => One(members, what),
    _ => Usage(),
};

static int Invariance(string clipd)
{
    LibTorch.Load(folder: null, threads: 1);
    return InvarianceTable.Run(Path.GetFullPath(clipd));
}

static int Usage()
{
    Console.Error.WriteLine($"""
        Without arguments: all measurements. Else one of
          invariance CLIPD: the invariance table
          chaos CLIPD …: faults and how a run goes on, see below
          {LoadCommand.Usage}
          simulation SEEDS [FIRST]: the coordinator among faults at random
          simulation replay SEED: one of them, with all that happens
          simulation hosts HOSTS: how long the coordinator's decisions take
          input IMAGES WORKERS: decoding, resizing, batches
          history STEPS: metrics of a long run, and the size of its store
        or WORLD (processes, 1 to …) and one of
          collectives REPEATS
          loss softmax|sigmoid PAIRS REPEATS
          optimizer REPEATS
          faults PRESET SHARE REPEATS
          step PRESET GLOBAL_BATCH MICRO_BATCH CAPTION_LENGTH REPEATS
          beside PROCESSES … (one of the above, beside processes that use a processor each)
        {ChaosCommand.Usage}
        {GpuCommand.Usage}
        """);
    return 2;
}

static int All()
{
    double gemm = Gemm();
    Bench.Header(gemm);
    string[] measurements =
    [
        "4 collectives 5",
        "1 loss softmax 4096 3", "1 loss softmax 8192 3", "1 loss softmax 16384 1", "1 loss softmax 32768 1",
        "4 loss softmax 16384 1", "4 loss softmax 32768 1", "4 loss sigmoid 32768 1",
        "1 step small 256 256 32 5", "2 step small 256 256 32 3", "4 step small 256 256 32 3",
        "1 step ViT-B-32 16 16 77 5", "1 step ViT-B-32 16 16 38 5", "1 step RN50 8 8 77 5", "1 optimizer 9",
        "4 faults small 64 9",
        "4 step tiny 32768 256 12 1",
        "1 step tiny 256 256 12 20", "1 beside 1 step tiny 256 256 12 20", "1 beside 20 step tiny 256 256 12 3",
    ];
    int failed = measurements.Select(measurement => measurement.Split(' ')).Max(words => Start(int.Parse(words[0]), gemm, words[1..]));
    return Math.Max(failed, InputBenchmark.Run(2000, 2, gemm));
}

static int One(int world, string[] what)
{
    double gemm = Gemm();
    Bench.Header(gemm);
    return Start(world, gemm, what);
}

// Every measurement has processes of its own, so that none sees another's memory: one of two threads, or several of one.
static int Start(int world, double gemm, string[] what)
{
    if (what is ["beside", var count, .. var inner])
    {
        using var neighbours = new BusyNeighbours(int.Parse(count));
        Console.WriteLine($"beside {count} process{(count == "1" ? "" : "es")} that use{(count == "1" ? "s" : "")} a processor each:");
        return Start(world, gemm, inner);
    }
    string folder = Directory.CreateTempSubdirectory("bench-").FullName;
    try
    {
        var members = Enumerable.Range(0, world)
            .Select(rank => StartAsReplica(["member", $"{rank}", $"{world}", folder, $"{gemm}", .. what])).ToList();
        members.ForEach(member => member.WaitForExit());
        return members.Max(member => member.ExitCode);
    }
    finally
    {
        Directory.Delete(folder, recursive: true);
    }
}

static Process StartAsReplica(string[] arguments)
{
    var start = new ProcessStartInfo(Environment.ProcessPath!, arguments);
    MemoryReuse.Apply(start);
    ThreadWaiting.Apply(start);
    return Process.Start(start)!;
}

static int Member(int rank, int world, string folder, double gemm, string[] what)
{
    LibTorch.Load(folder: null, threads: world == 1 ? 2 : 1);
    using ICollective group = world == 1 ? new SoloCollective()
        : GlooCollective.Connect(new GlooOptions { Rank = rank, World = world, Name = "the benchmark" }, new FileRendezvous(folder));
    var bench = new Bench(group, gemm);
    switch (what)
    {
        case ["collectives", var repeats]:
            CollectivesBenchmark.Run(bench, int.Parse(repeats));
            return 0;
        case ["loss", var kind, var pairs, var repeats]:
            LossBenchmark.Run(bench, kind == "sigmoid", int.Parse(pairs), int.Parse(repeats));
            return 0;
        case ["optimizer", var repeats]:
            OptimizerBenchmark.Run(bench, int.Parse(repeats));
            return 0;
        case ["faults", var preset, var share, var repeats]:
            FaultCostBenchmark.Run(bench, preset, int.Parse(share), int.Parse(repeats));
            return 0;
        case ["step", var preset, var batch, var micro, var captionLength, var repeats]:
            var size = new SyntheticSize(preset, int.Parse(batch), int.Parse(micro)) { CaptionLength = int.Parse(captionLength) };
            StepBenchmark.Run(bench, size, int.Parse(repeats));
            return 0;
        default:
            return Usage();
    }
}

// GFLOP/s of a 2048³ float32 matrix product, median of nine.
static double Gemm()
{
    LibTorch.Load(folder: null, threads: 2);
    using var scope = NewDisposeScope();
    var (a, b) = (randn(2048, 2048), randn(2048, 2048));
    var seconds = Enumerable.Range(0, 10).Select(_ =>
    {
        long start = Stopwatch.GetTimestamp();
        using var product = a.matmul(b);
        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }).Skip(1).Order().ElementAt(4);
    return 2 * Math.Pow(2048, 3) / seconds / 1e9;
}
