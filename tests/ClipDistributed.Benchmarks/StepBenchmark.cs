using System.Diagnostics;
using ClipDistributed.Contracts.Models;
using ClipDistributed.Contracts.Runs;
using ClipDistributed.Contracts.Spec;
using ClipDistributed.Contracts.Spec.V1;
using ClipDistributed.Data.Batches;
using ClipDistributed.Model;
using ClipDistributed.Training;
using static TorchSharp.torch;

namespace ClipDistributed.Benchmarks;

/// <summary>A whole training step on synthetic pairs: median of some steps after two that warm up.</summary>
internal static class StepBenchmark
{
    public static void Run(string preset, int batchSize, int microBatch, int captionLength, int repeats)
    {
        var spec = new TrainingSpec { Data = new DataSpec(), Model = new ModelSpec { Preset = preset }, Batch = new BatchSpec { Global = (uint)batchSize } };
        spec = SpecDefaults.Fill(spec);
        var config = ModelPresets.Find(preset)!.Model;
        using var model = new ClipModel(config, CPU);
        model.Parameters.Initialize(1);
        using var step = new TrainStep(spec, 1000, microBatch, model, new PreprocessConfig());
        var batch = Synthetic(config, batchSize, captionLength);
        var seconds = new List<double>();
        var splits = new List<StepSplit>();
        for (int i = 0; i < repeats + 2; i++)
        {
            long start = Stopwatch.GetTimestamp();
            splits.Add(step.Run(batch with { Step = i + 1 }).Split);
            seconds.Add(Stopwatch.GetElapsedTime(start).TotalSeconds);
        }
        double median = seconds.Skip(2).Order().ElementAt(repeats / 2);
        var split = splits[^1];
        Console.WriteLine($"{preset} batch {batchSize} micro {microBatch} captions {captionLength}: {median:0.0000} s/step, {batchSize / median:0.0} samples/s "
            + $"(forward {split.Forward:0.000}, loss {split.Loss:0.000}, backward {split.Backward:0.000}, optimizer {split.Optimizer:0.000}), "
            + $"{Process.GetCurrentProcess().PeakWorkingSet64 >> 20} MiB peak");
    }

    private static Batch Synthetic(ModelConfig config, int count, int captionLength)
    {
        var random = new Random(1);
        int size = config.VisionCfg.ImageSize, context = config.TextCfg.ContextLength;
        byte[] images = new byte[count * 3 * size * size];
        random.NextBytes(images);
        int[] tokens = new int[count * context];
        int length = Math.Min(captionLength, context);
        for (int row = 0; row < count; row++)
        {
            for (int i = 0; i < length; i++)
                tokens[row * context + i] = random.Next(1, config.TextCfg.VocabSize - 2);
            tokens[row * context + length - 1] = config.TextCfg.VocabSize - 1;
        }
        return new Batch(1, [.. Enumerable.Range(0, count).Select(slot => new BatchSample(slot, default, default, 0))], images, size, tokens, context);
    }
}
