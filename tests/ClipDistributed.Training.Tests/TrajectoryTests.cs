using System.Text.Json;
using ClipDistributed.Contracts.Spec.V1;
using ClipDistributed.Data.Batches;
using ClipDistributed.Data.Streams;
using ClipDistributed.Model;
using ClipDistributed.Model.Safetensors;
using TorchSharp;
using static TorchSharp.torch;

namespace ClipDistributed.Training.Tests;

/// <summary>Twenty steps against OpenCLIP's: schedule, loss, clipping, AdamW and clamp together.</summary>
public sealed class TrajectoryTests
{
    [Theory]
    [InlineData(16)] // one pass, graph kept
    [InlineData(4)] // gradient caching
    [InlineData(5)] // gradient caching with a remainder
    public void Run_TwentySteps_FollowsReference(int microBatch)
    {
        using var scope = NewDisposeScope();
        using var golden = SafetensorsFile.Open(Golden.Path("train/trajectory.safetensors"));
        using var json = JsonDocument.Parse(File.ReadAllText(Golden.Path("train/trajectory.json")));
        var expected = json.RootElement.GetProperty("runs").GetProperty("ndim2").GetProperty("world1");
        using var model = new ClipModel(Golden.Model("train/trajectory.json"), CPU);
        Golden.Load(model.Parameters, golden, "init.");
        using var step = new OneReplica(Spec(), steps: 20, microBatch, model);

        for (int k = 1; k <= 20; k++)
        {
            var result = step.Run(BatchOf(golden, k));
            Assert.Equal(expected.GetProperty("loss")[k - 1].GetDouble(), result.Loss, 2e-5);
            Assert.Equal(expected.GetProperty("lr")[k - 1].GetDouble(), result.Lr, 1e-12);
            Assert.Equal(1, result.GradNorm / expected.GetProperty("grad_norm_before_clip")[k - 1].GetDouble(), 1e-4);
        }

        foreach (var slot in model.Parameters.Slots)
            Golden.AssertClose(golden.Load($"final.{slot.Shape.Name}"), model.Parameters[slot.Shape.Name], 5e-5, 0, slot.Shape.Name);
    }

    private static TrainingSpec Spec() => new()
    {
        Optimizer = new OptimizerSpec
        {
            Name = OptimizerName.Adamw, Lr = 1e-3, Beta1 = 0.9, Beta2 = 0.98, Eps = 1e-6, WeightDecay = 0.2,
            ClipNorm = 1, WarmupSteps = 5, Schedule = Schedule.Cosine,
        },
    };

    private static Batch BatchOf(SafetensorsFile golden, int step)
    {
        var rows = golden.Load("data.index")[step - 1].to(ScalarType.Int64);
        byte[] images = golden.Load("data.images_u8").index_select(0, rows).contiguous().data<byte>().ToArray();
        int[] tokens = golden.Load("data.tokens").index_select(0, rows).to(ScalarType.Int32).contiguous().data<int>().ToArray();
        var samples = rows.data<long>().Select((row, slot) => new BatchSample(slot, new SampleId(0, (ulong)row), new SampleId(0, (ulong)row), 0));
        return new Batch(step, [.. samples], images, 32, tokens, 16);
    }
}
