using System.Text.Json;
using ClipDistributed.Contracts.Spec.V1;
using ClipDistributed.Data.Batches;
using ClipDistributed.Data.Streams;
using ClipDistributed.Model.Safetensors;
using ClipDistributed.TestKit.Tensors.Trainings;
using ClipDistributed.Training.Steps;
using TorchSharp;
using static TorchSharp.torch;

namespace ClipDistributed.Training.Tests.Steps;

/// <summary>Twenty steps against OpenCLIP's: schedule, loss, clipping, AdamW and clamp together.</summary>
public sealed class TrajectoryTests
{
    [Theory]
    [InlineData(16, 1)] // one pass, graph kept
    [InlineData(4, 1)] // gradient caching
    [InlineData(5, 1)] // gradient caching with a remainder
    [InlineData(16, 4)]
    [InlineData(3, 4)]
    public void Run_TwentySteps_FollowsReference(int microBatch, int world)
    {
        using var scope = NewDisposeScope();
        using var golden = SafetensorsFile.Open(Fixtures.File("train/trajectory.safetensors"));
        var training = TrainingOf(golden, Decay.Ndim2, microBatch);
        var run = training.Run(world);
        AssertFollows("ndim2", run.Results);
        foreach (var (name, offset, count) in training.Layout())
            Golden.AssertClose(
                golden.Load($"final.{name}").flatten(),
                tensor(run.Weights[^1].AsSpan(offset, count).ToArray()),
                5e-5,
                0,
                name
            );
    }

    /// <summary>Of this rule no weights are stored; from the twelfth step on its losses are 1e-4 and more from the other's.</summary>
    [Theory]
    [InlineData(16, 1)]
    [InlineData(3, 4)]
    public void Run_DecayOfOpenClip_FollowsItsReference(int microBatch, int world)
    {
        using var scope = NewDisposeScope();
        using var golden = SafetensorsFile.Open(Fixtures.File("train/trajectory.safetensors"));
        var run = TrainingOf(golden, Decay.OpenClipV4, microBatch).Run(world);
        AssertFollows("open_clip_v4", run.Results);
    }

    private static RepeatableTraining TrainingOf(SafetensorsFile golden, Decay decay, int microBatch)
    {
        var batches = Enumerable.Range(1, 20).ToDictionary(k => (long)k, k => BatchOf(golden, k));
        return new RepeatableTraining(Golden.Model("train/trajectory.json"), Spec(decay), Steps: 20, microBatch,
            model => Golden.Load(model.Parameters, golden, "init."), k => batches[k], (_, replicas) => Shares.Even(16, replicas));
    }

    private static void AssertFollows(string rule, IReadOnlyList<StepResult> results)
    {
        using var json = JsonDocument.Parse(File.ReadAllText(Fixtures.File("train/trajectory.json")));
        var expected = json.RootElement.GetProperty("runs").GetProperty(rule).GetProperty("world1");
        for (int k = 1; k <= 20; k++)
        {
            var result = results[k - 1];
            Assert.Equal(expected.GetProperty("loss")[k - 1].GetDouble(), result.Loss, 2e-5);
            Assert.Equal(expected.GetProperty("lr")[k - 1].GetDouble(), result.Lr, 1e-12);
            Assert.Equal(1, result.GradNorm / expected.GetProperty("grad_norm_before_clip")[k - 1].GetDouble(), 1e-4);
        }
    }

    private static TrainingSpec Spec(Decay decay) => new()
    {
        Optimizer = new OptimizerSpec
        {
            Name = OptimizerName.Adamw, Lr = 1e-3, Beta1 = 0.9, Beta2 = 0.98, Eps = 1e-6, WeightDecay = 0.2,
            ClipNorm = 1, WarmupSteps = 5, Schedule = Schedule.Cosine, Decay = decay,
        },
    };

    private static Batch BatchOf(SafetensorsFile golden, int step)
    {
        var rows = golden.Load("data.index")[step - 1].to(ScalarType.Int64);
        byte[] images = golden.Load("data.images_u8").index_select(0, rows).contiguous().data<byte>().ToArray();
        int[] tokens = golden.Load("data.tokens").index_select(0, rows).to(ScalarType.Int32).contiguous().data<int>().ToArray();
        var samples = rows.data<long>()
            .Select((row, slot) => new BatchSample(slot, new SampleId(0, (ulong)row), new SampleId(0, (ulong)row), 0));
        return new Batch(step, [.. samples], images, 32, tokens, 16);
    }
}
