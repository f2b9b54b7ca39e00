using ClipDistributed.Contracts.Models;
using ClipDistributed.Contracts.Spec;
using ClipDistributed.Contracts.Spec.V1;
using ClipDistributed.Model;
using ClipDistributed.Training.States;
using static TorchSharp.torch;

namespace ClipDistributed.Benchmarks;

/// <summary>AdamW alone, on the parameters of ViT-B-32.</summary>
internal static class OptimizerBenchmark
{
    private const string Preset = "ViT-B-32";

    public static void Run(Bench bench, int repeats)
    {
        var spec = SpecDefaults.Fill(new TrainingSpec { Data = new DataSpec(), Model = new ModelSpec { Preset = Preset } });
        using var model = new ClipModel(ModelPresets.Find(Preset)!.Model, CPU);
        model.Parameters.Initialize(1);
        using var state = new TrainState(spec.Optimizer, model);
        using (no_grad())
            state.Gradients.Flat.fill_(1e-3);
        int step = 0;
        bench.Measure($"AdamW on {model.Parameters.Count / 1e6:0} M parameters", repeats, () => state.Optimizer.Step(++step, 1e-4));
    }
}
