using ClipDistributed.Contracts.Spec.V1;
using ClipDistributed.Model;
using ClipDistributed.Training.Steps;
using TorchSharp;
using static TorchSharp.torch;

namespace ClipDistributed.Training.Tests.Steps;

public sealed class TrainStepTests
{
    private const int Rows = 12;

    [Theory]
    [InlineData("visual.transformer.resblocks.0.mlp.c_fc.weight", float.NaN)]
    [InlineData("text_projection", float.PositiveInfinity)]
    public void Run_WeightNotFinite_ChangesNeitherParametersNorOptimizer(string name, float value)
    {
        using var scope = NewDisposeScope();
        using var model = SampleModel.Create(SampleModel.Config());
        using var step = Step(model, Specs.Optimizer(), microBatch: 5);
        Assert.True(step.Run(SampleBatch.Create(model.Config, Rows, step: 1)).Applied); // so that the moments are not zero
        float healthy = model.Parameters[name].detach().flatten()[0].item<float>();
        SetFirst(model, name, value);
        var parameters = model.Parameters.Flat.clone();
        var state = step.Optimizer.State.Select(item => item.Value.clone()).ToList();

        var result = step.Run(SampleBatch.Create(model.Config, Rows, step: 2));

        Assert.False(result.Applied);
        Assert.False(double.IsFinite(result.Loss));
        Golden.AssertSameBits(parameters, model.Parameters.Flat, "parameters");
        for (int i = 0; i < state.Count; i++)
            Golden.AssertSameBits(state[i], step.Optimizer.State[i].Value, step.Optimizer.State[i].Name);

        SetFirst(model, name, healthy);
        Assert.True(step.Run(SampleBatch.Create(model.Config, Rows, step: 3)).Applied); // nothing of the bad step is left
    }

    /// <summary>The others wait for it, and its result is no longer needed.</summary>
    [Fact]
    public void Run_GenerationIsOver_EndsBehindTheMicroBatchAndAppliesNothing()
    {
        using var scope = NewDisposeScope();
        using var over = new CancellationTokenSource();
        var entered = new List<int>();
        var progress = new StepProgress((phase, piece) =>
        {
            entered.Add(piece);
            if (piece == 1)
                over.Cancel();
        }) { Over = over.Token };
        using var model = SampleModel.Create(SampleModel.Config());
        using var step = new OneReplica(new TrainingSpec { Optimizer = Specs.Optimizer() }, 10, microBatch: 5, model, progress);
        var before = model.Parameters.Flat.clone();
        Assert.ThrowsAny<OperationCanceledException>(() => step.Run(SampleBatch.Create(model.Config, Rows, step: 1)));
        Assert.Equal(1, entered.Max()); // of three
        Golden.AssertSameBits(before, model.Parameters.Flat, "parameters");
    }

    [Theory]
    [InlineData(Rows)] // one pass
    [InlineData(5)] // gradient caching
    public void Run_SixtySteps_KeepsNoTensorBehind(int microBatch)
    {
        using var model = SampleModel.Create(SampleModel.Config());
        using var step = Step(model, Specs.Optimizer(), microBatch);
        GC.Collect();
        GC.WaitForPendingFinalizers(); // what other tests left must not go while this one counts
        var live = new List<long>();
        for (int k = 1; k <= 60; k++)
        {
            step.Run(SampleBatch.Create(model.Config, Rows, k));
            live.Add(Tensor.TotalCount);
        }
        Assert.All(live.Skip(3), count => Assert.Equal(live[2], count));
    }

    [Fact]
    public void Run_SameStepTwice_GivesTheSameBits()
    {
        using var one = Trained();
        using var two = Trained();
        Golden.AssertSameBits(one.Parameters.Flat, two.Parameters.Flat, "parameters");

        static ClipModel Trained()
        {
            var model = SampleModel.Create(SampleModel.Config());
            using var step = Step(model, Specs.Optimizer(), microBatch: 5);
            for (int k = 1; k <= 3; k++)
                step.Run(SampleBatch.Create(model.Config, Rows, k));
            return model;
        }
    }

    [Theory]
    [InlineData(4.6f)]
    [InlineData(0.01f)]
    public void Run_LogitScaleAtABorder_StaysBetweenOneAndHundred(float logitScale)
    {
        using var scope = NewDisposeScope();
        using var model = SampleModel.Create(SampleModel.Config());
        var spec = Specs.Optimizer(OptimizerName.Sgd);
        spec.Lr = 1e3; // one step would leave the range in either direction
        using var step = Step(model, spec, microBatch: Rows);
        SetFirst(model, "logit_scale", logitScale);

        var result = step.Run(SampleBatch.Create(model.Config, Rows, step: 1));

        Assert.Equal(Math.Exp(logitScale), result.LogitScale, 1e-4);
        Assert.Contains(model.LogitScale.item<float>(), new[] { 0f, (float)Math.Log(100) });
    }

    [Fact]
    public void Run_ClipNorm_ReportsTheNormBeforeAndUpdatesWithTheClippedGradient()
    {
        using var scope = NewDisposeScope();
        using var model = SampleModel.Create(SampleModel.Config());
        var spec = Specs.Optimizer(OptimizerName.Sgd);
        (spec.Lr, spec.WeightDecay, spec.ClipNorm) = (0.1, 0, 1e-3);
        using var step = Step(model, spec, microBatch: Rows);
        var before = model.Parameters.Flat.clone();

        var result = step.Run(SampleBatch.Create(model.Config, Rows, step: 1));

        Assert.True(result.GradNorm > 1e-2);
        double moved = (model.Parameters.Flat - before).to(ScalarType.Float64).norm().ToDouble();
        Assert.Equal(1, moved / (0.1 * 1e-3), 1e-2);
    }

    [Fact]
    public void Run_Bfloat16_KeepsParametersAndGradientsInFloat32AndFollowsFloat32()
    {
        using var scope = NewDisposeScope();
        using var full = SampleModel.Create(SampleModel.Config());
        using var half = new ClipModel(full.Config, CPU, ScalarType.BFloat16);
        using (no_grad())
            half.Parameters.Flat.copy_(full.Parameters.Flat);
        using var fullStep = Step(full, Specs.Optimizer(OptimizerName.Sgd), microBatch: 5);
        using var halfStep = Step(half, Specs.Optimizer(OptimizerName.Sgd), microBatch: 5);
        var batch = SampleBatch.Create(full.Config, Rows, step: 1);

        var (expected, actual) = (fullStep.Run(batch), halfStep.Run(batch));

        Assert.True(actual.Applied);
        Assert.InRange(Math.Abs(actual.Loss / expected.Loss - 1), 1e-8, 0.05);
        Assert.InRange(actual.GradNorm / expected.GradNorm, 0.8, 1.2);
        Assert.All(half.Parameters.Slots, slot => Assert.Equal(ScalarType.Float32, half.Parameters[slot.Shape.Name].grad!.dtype));
    }

    private static OneReplica Step(ClipModel model, OptimizerSpec optimizer, int microBatch) =>
        new(new TrainingSpec { Optimizer = optimizer }, steps: 100, microBatch, model);

    private static void SetFirst(ClipModel model, string name, float value)
    {
        using var scope = NewDisposeScope();
        using var mode = no_grad();
        model.Parameters[name].view(-1)[0] = value;
    }
}
