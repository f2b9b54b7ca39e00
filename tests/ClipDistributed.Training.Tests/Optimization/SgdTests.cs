using ClipDistributed.Contracts.Spec.V1;
using ClipDistributed.Training.Optimization;
using TorchSharp;
using static TorchSharp.torch;

namespace ClipDistributed.Training.Tests.Optimization;

public sealed class SgdTests
{
    [Fact]
    public void Step_SeveralSteps_FollowsTheFormulaAndDecaysMatricesOnly()
    {
        using var scope = NewDisposeScope();
        var spec = Specs.Optimizer(OptimizerName.Sgd);
        using var test = new OptimizerCase((parameters, gradients) => new Sgd(spec, parameters, gradients));
        var expected = test.Parameters.Flat.to(ScalarType.Float64, copy: true);
        for (long step = 1; step <= 3; step++)
        {
            double lr = 0.1 / step;
            test.Step(step, lr);
            foreach (var slot in test.Parameters.Slots.Where(slot => slot.Shape.Name is "column" or "weight" or "cube"))
                slot.View(expected).mul_(1 - lr * spec.WeightDecay);
            expected = expected - test.Gradients.Flat.to(ScalarType.Float64) * lr;
        }
        Golden.AssertClose(expected, test.Parameters.Flat, 1e-6, 1e-6, "parameters");
        Assert.Equal(0, test.MaxPadding(test.Parameters.Flat));
        Assert.Empty(test.Optimizer.State);
    }
}
