using ClipDistributed.Contracts.Spec.V1;
using ClipDistributed.Data.Streams;
using ClipDistributed.TestKit;
using static TorchSharp.torch;

namespace ClipDistributed.Training.Tests;

/// <summary>The promise: the trajectory does not depend on how many replicas computed it, nor on how the batch was cut.</summary>
public sealed class InvarianceTests
{
    private const int GlobalBatch = 26; // 3 and 4 do not divide it

    public static TheoryData<int, Contracts.Spec.V1.Loss, OptimizerName, bool> Cases { get; } = new()
    {
        { 2, Contracts.Spec.V1.Loss.Softmax, OptimizerName.Adamw, false },
        { 3, Contracts.Spec.V1.Loss.Softmax, OptimizerName.Adamw, false },
        { 4, Contracts.Spec.V1.Loss.Softmax, OptimizerName.Adamw, true },
        { 4, Contracts.Spec.V1.Loss.Softmax, OptimizerName.Sgd, false },
        { 2, Contracts.Spec.V1.Loss.Sigmoid, OptimizerName.Adamw, false },
        { 3, Contracts.Spec.V1.Loss.Sigmoid, OptimizerName.Sgd, true },
        { 4, Contracts.Spec.V1.Loss.Sigmoid, OptimizerName.Adamw, true },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void Run_SeveralReplicas_FollowTheTrajectoryOfOne(int world, Contracts.Spec.V1.Loss loss, OptimizerName optimizer, bool unevenShares)
    {
        using var scope = NewDisposeScope();
        var trial = Of(loss, optimizer, unevenShares);
        var compared = Comparison.Of(trial, trial.Run(1), world);
        Assert.True(compared.Holds, $"{compared}");
    }

    [Fact]
    public void Run_Bfloat16Gather_RoundsAlikeOnAnyWorld()
    {
        using var scope = NewDisposeScope();
        var trial = Of(Contracts.Spec.V1.Loss.Softmax, OptimizerName.Adamw, unevenShares: true);
        var exact = trial.Run(1);
        trial.Spec.Batch.Gather = Precision.Bfloat16;
        var one = trial.Run(1);
        Assert.InRange(Math.Abs(one.Results[0].Loss / exact.Results[0].Loss - 1), 1e-7, 1e-2); // it does round
        var compared = Comparison.Of(trial, one, world: 3);
        Assert.True(compared.Loss <= 1e-5 && compared.Digests, $"{compared}");
    }

    /// <summary>Cuts that no rule would make, another one in every step; a share may be empty.</summary>
    internal static Shares Uneven(long step, int world)
    {
        var random = new Random((int)step * 31 + world);
        int[] cuts = [0, .. Enumerable.Range(1, world - 1).Select(_ => random.Next(GlobalBatch + 1)).Order(), GlobalBatch];
        return new Shares([.. cuts.Skip(1).Zip(cuts, (end, start) => end - start)]);
    }

    private static Trial Of(Contracts.Spec.V1.Loss loss, OptimizerName optimizer, bool unevenShares)
    {
        var config = loss == Contracts.Spec.V1.Loss.Sigmoid ? SampleModel.Config().ForSigmoid() : SampleModel.Config();
        var spec = new TrainingSpec { Loss = loss, Batch = new BatchSpec(), Optimizer = Specs.Optimizer(optimizer) };
        (spec.Optimizer.Lr, spec.Optimizer.ClipNorm, spec.Optimizer.WarmupSteps) = (optimizer == OptimizerName.Sgd ? 1e-2 : 1e-3, 1, 5);
        return new Trial(config, spec, Steps: 20, MicroBatch: 5, model =>
        {
            model.Parameters.Initialize(1);
            SampleModel.Disturb(model.Parameters, 2);
        }, step => SampleBatch.Create(config, GlobalBatch, step), unevenShares ? Uneven : (_, world) => Shares.Even(GlobalBatch, world));
    }
}
