using static TorchSharp.torch;

namespace ClipDistributed.Benchmarks;

/// <summary>Times whole training steps, and shows what their phases take.</summary>
internal static class StepBenchmark
{
    public static void Run(Bench bench, SyntheticSize size, int repeats)
    {
        using var step = SyntheticStep.Create(size, bench.Group, CPU);
        string captions = size.CaptionLength is { } tokens && tokens < step.Model.Config.TextCfg.ContextLength
            ? $", captions of {tokens} tokens"
            : "";
        bench.Measure($"step of {size.Preset} at global batch {size.GlobalBatch}{captions}", repeats, () => step.Run());
        if (bench.Group.Rank == 0)
        {
            var split = step.Split;
            double communication = split.Gather + split.Reduce;
            double all = split.Forward + split.Wait + split.Loss + split.Backward + split.Optimizer + communication;
            Console.WriteLine(
                $"{"", -62} forward {split.Forward:0.000} · wait {split.Wait:0.000} · gather {split.Gather:0.000} · loss "
                    + $"{split.Loss:0.000} · backward {split.Backward:0.000} "
                    + $"· reduce {split.Reduce:0.000} · optimizer {split.Optimizer:0.000} · exposed communication {communication / all:P0}"
            );
        }
    }
}
