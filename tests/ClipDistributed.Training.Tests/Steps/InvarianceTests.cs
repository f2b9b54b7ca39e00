using ClipDistributed.Contracts.Spec.V1;
using ClipDistributed.TestKit.Tensors.Trainings;

namespace ClipDistributed.Training.Tests.Steps;

/// <summary>The promise: the trajectory does not depend on how many replicas computed it, nor on how the batch was cut.</summary>
public sealed class InvarianceTests
{
    public static TheoryData<InvarianceCase> Cases { get; } = [.. InvarianceCase.All];

    [Theory]
    [MemberData(nameof(Cases))]
    public void Run_SeveralReplicas_FollowTheTrajectoryOfOne(InvarianceCase invariance)
    {
        var training = invariance.Training();
        var compared = Comparison.Of(training, training.Run(1), invariance.World);
        Assert.True(compared.Holds, $"{compared}");
    }

    [Fact]
    public void Run_Bfloat16Gather_RoundsAlikeOnAnyWorld()
    {
        var invariance = new InvarianceCase(World: 3, Contracts.Spec.V1.Loss.Softmax, OptimizerName.Adamw, UnevenShares: true);
        var one = invariance.Training(Precision.Bfloat16).Run(1);
        Assert.InRange(Math.Abs(one.Results[0].Loss / invariance.Training().Run(1).Results[0].Loss - 1), 1e-7, 1e-2); // it does round
        var compared = Comparison.Of(invariance.Training(Precision.Bfloat16), one, invariance.World);
        Assert.True(compared.Loss <= 1e-5 && compared.Digests, $"{compared}");
    }
}
