using System.Globalization;
using ClipDistributed.Benchmarks;
using ClipDistributed.Model.Native;

// step PRESET BATCH MICRO CAPTION_LENGTH REPEATS
CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
LibTorch.Load(folder: null, threads: 2);
StepBenchmark.Run(args[1], int.Parse(args[2]), int.Parse(args[3]), int.Parse(args[4]), int.Parse(args[5]));
