using System.Globalization;
using ClipDistributed.Benchmarks;
using ClipDistributed.Model.Native;

CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
switch (args)
{
    // PRESET BATCH MICRO CAPTION_LENGTH REPEATS
    case ["step", var preset, var batch, var micro, var captionLength, var repeats]:
        LibTorch.Load(folder: null, threads: 2);
        StepBenchmark.Run(preset, int.Parse(batch), int.Parse(micro), int.Parse(captionLength), int.Parse(repeats));
        return 0;
    // [THREADS]
    case ["collectives", .. var options]:
        return CollectivesBenchmark.Run(options);
    case ["collectives-member", var rank, var folder, .. var options]:
        return CollectivesBenchmark.Member(int.Parse(rank), folder, options);
    default:
        Console.Error.WriteLine("step PRESET BATCH MICRO CAPTION_LENGTH REPEATS, or collectives [THREADS]");
        return 2;
}
