using ClipDistributed.Training.Optimization;
using TorchSharp;
using static TorchSharp.torch;

namespace ClipDistributed.Training.Tests.Optimization;

public sealed class AdamWTests
{
    private const int Steps = 4;

    [Fact]
    public void Step_SeveralSteps_FollowsTheFormulaAndDecaysMatricesOnly()
    {
        using var scope = NewDisposeScope();
        var spec = Specs.Optimizer();
        using var test = Create();
        var parameter = test.Parameters.Flat.to(ScalarType.Float64, copy: true);
        var (mean, square) = (zeros_like(parameter), zeros_like(parameter));
        var decay = zeros_like(parameter);
        foreach (var slot in test.Parameters.Slots.Where(slot => slot.Shape.Name is "column" or "weight" or "cube"))
            slot.View(decay).fill_(spec.WeightDecay);

        for (long step = 1; step <= Steps; step++)
        {
            double lr = 1e-2 / step;
            test.Step(step, lr);
            var gradient = test.Gradients.Flat.to(ScalarType.Float64);
            mean = mean * spec.Beta1 + gradient * (1 - spec.Beta1);
            square = square * spec.Beta2 + gradient.square() * (1 - spec.Beta2);
            var update = mean / (1 - Math.Pow(spec.Beta1, step)) / ((square / (1 - Math.Pow(spec.Beta2, step))).sqrt() + spec.Eps);
            parameter = parameter - parameter * decay * lr - update * lr;
        }
        Golden.AssertClose(parameter, test.Parameters.Flat, 1e-6, 1e-6, "parameters");
        Golden.AssertClose(mean, State(test, "exp_avg"), 1e-6, 1e-6, "exp_avg");
        Golden.AssertClose(square, State(test, "exp_avg_sq"), 1e-6, 1e-6, "exp_avg_sq");
    }

    [Fact]
    public void Step_PaddingBetweenParameters_StaysZero()
    {
        using var test = Create();
        for (long step = 1; step <= Steps; step++)
            test.Step(step, 1e-2);
        Assert.Equal(0, test.MaxPadding(test.Parameters.Flat));
        Assert.All(test.Optimizer.State, state => Assert.Equal(0, test.MaxPadding(state.Value)));
    }

    [Fact]
    public void Step_OneAndTwoThreads_GiveTheSameBits()
    {
        using var one = Threads.Run(1, Trained);
        using var two = Threads.Run(2, Trained);
        Golden.AssertSameBits(one.Parameters.Flat, two.Parameters.Flat, "parameters");
        foreach (var (name, value) in one.Optimizer.State)
            Golden.AssertSameBits(value, State(two, name), name);
    }

    private static OptimizerCase Trained()
    {
        var test = Create();
        for (long step = 1; step <= Steps; step++)
            test.Step(step, 1e-2);
        return test;
    }

    private static OptimizerCase Create() => new((parameters, gradients) => new AdamW(Specs.Optimizer(), parameters, gradients));

    private static Tensor State(OptimizerCase test, string name) => test.Optimizer.State.Single(state => state.Name == name).Value;
}
