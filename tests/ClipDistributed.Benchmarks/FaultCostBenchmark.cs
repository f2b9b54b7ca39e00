using ClipDistributed.Contracts.Models;
using ClipDistributed.Contracts.Spec;
using ClipDistributed.Contracts.Spec.V1;
using ClipDistributed.Model;
using ClipDistributed.Training.Consistency;
using ClipDistributed.Training.Loss;
using ClipDistributed.Training.States;
using ClipDistributed.Training.Tensors;
using static TorchSharp.torch;

namespace ClipDistributed.Benchmarks;

/// <summary>What a step does only so that a fault is found: each part alone, on the step's thread.</summary>
internal static class FaultCostBenchmark
{
    public static void Run(Bench bench, string preset, int share, int repeats)
    {
        var spec = SpecDefaults.Fill(
            new TrainingSpec
            {
                Data = new DataSpec(),
                Model = new ModelSpec { Preset = preset },
                Batch = new BatchSpec { Global = (uint)share },
            }
        );
        var config = ModelPresets.Find(preset)!.Model;
        using var model = new ClipModel(config, CPU);
        model.Parameters.Initialize(1);
        using var state = new TrainState(spec.Optimizer, model) { AppliedStep = 0 };
        using var rows = randn(share, config.EmbedDim);
        var embeddings = new Embeddings(rows, rows);
        var comparison = new StateComparison(bench.Group, state);
        bench.Measure($"{preset}: embeddings and gradients are checked, and all told, each step", repeats, () =>
        {
            using var embedded = embeddings.Sum();
            bench.Group.AllGather(float.IsFinite(embedded.item<float>()), CPU);
            using var sum = state.Gradients.Flat.sum();
            bench.Group.AllGather(float.IsFinite(sum.item<float>()), CPU);
        });
        bench.Measure($"{preset}: states are compared, every {spec.Replicas.CompareEverySteps} steps", repeats, () => comparison.Run());
    }
}
