using ClipDistributed.Contracts.Models;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Contracts.Runs;
using ClipDistributed.Contracts.Spec;
using ClipDistributed.Contracts.Spec.V1;
using ClipDistributed.Data.Batches;
using ClipDistributed.Data.Streams;
using ClipDistributed.Model;
using ClipDistributed.Training.States;
using ClipDistributed.Training.Steps;
using static TorchSharp.torch;

namespace ClipDistributed.Benchmarks;

/// <summary>A whole training step on synthetic pairs.</summary>
internal static class StepBenchmark
{
    public static void Run(Bench bench, string preset, int globalBatch, int microBatch, int captionLength, int repeats)
    {
        var spec = SpecDefaults.Fill(
            new TrainingSpec
            {
                Data = new DataSpec(),
                Model = new ModelSpec { Preset = preset },
                Batch = new BatchSpec { Global = (uint)globalBatch },
            }
        );
        var config = ModelPresets.Find(preset)!.Model;
        using var model = new ClipModel(config, CPU);
        model.Parameters.Initialize(1);
        using var state = new TrainState(spec.Optimizer, model) { AppliedStep = 0 };
        var progress = new StepProgress();
        using var step = new TrainStep(new StepRecipe(spec, 1000, microBatch, new PreprocessConfig()), state, bench.Group, progress);
        var shares = Shares.Even(globalBatch, bench.Group.World);
        var batch = Synthetic(config, shares.Of(bench.Group.Rank), captionLength);
        var split = new StepSplit();
        string captions = captionLength < config.TextCfg.ContextLength ? $", captions of {captionLength} tokens" : "";
        bench.Measure($"step of {preset} at global batch {globalBatch}{captions}", repeats, () =>
        {
            var next = batch with { Step = state.AppliedStep + 1 };
            step.Run(next, shares, () => next);
            split = progress.EndStep();
        });
        if (bench.Group.Rank == 0)
        {
            double communication = split.Gather + split.Reduce;
            double all = split.Forward + split.Wait + split.Loss + split.Backward + split.Optimizer + communication;
            Console.WriteLine(
                $"{"", -62} forward {split.Forward:0.000} · wait {split.Wait:0.000} · gather {split.Gather:0.000} · loss "
                    + $"{split.Loss:0.000} · backward {split.Backward:0.000} "
                    + $"· reduce {split.Reduce:0.000} · optimizer {split.Optimizer:0.000} · exposed communication {communication / all:P0}"
            );
        }
    }

    private static Batch Synthetic(ModelConfig config, SlotRange share, int captionLength)
    {
        var random = new Random(1 + share.Start);
        int size = config.VisionCfg.ImageSize, context = config.TextCfg.ContextLength;
        byte[] images = new byte[share.Count * 3 * size * size];
        random.NextBytes(images);
        int[] tokens = new int[share.Count * context];
        int length = Math.Min(captionLength, context);
        for (int row = 0; row < share.Count; row++)
        {
            for (int i = 0; i < length; i++)
                tokens[row * context + i] = random.Next(1, config.TextCfg.VocabSize - 2);
            tokens[row * context + length - 1] = config.TextCfg.VocabSize - 1;
        }
        return new Batch(
            1,
            [.. Enumerable.Range(share.Start, share.Count).Select(slot => new BatchSample(slot, default, default, 0))],
            images,
            size,
            tokens,
            context
        );
    }
}
