using ClipDistributed.Contracts.Spec.V1;

namespace ClipDistributed.TestKit.Tensors.Models;

/// <summary>Optimizer settings in which no value is the neutral one.</summary>
public static class Specs
{
    public static OptimizerSpec Optimizer(OptimizerName name = OptimizerName.Adamw) =>
        new()
        {
            Name = name,
            Lr = 1e-2,
            Beta1 = 0.8,
            Beta2 = 0.95,
            Eps = 1e-6,
            WeightDecay = 0.3,
            ClipNorm = 0,
            WarmupSteps = 0,
            Schedule = Schedule.Constant,
        };
}
