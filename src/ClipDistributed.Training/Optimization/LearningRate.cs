using ClipDistributed.Contracts.Spec.V1;

namespace ClipDistributed.Training.Optimization;

/// <summary>The learning rate of each step: linear warm-up, then half a cosine to zero (arXiv 1608.03983) or constant.</summary>
public static class LearningRate
{
    /// <param name="step">From 1.</param>
    /// <param name="steps">The last step of the run.</param>
    public static double At(OptimizerSpec spec, long step, long steps)
    {
        long done = step - 1;
        if (done < spec.WarmupSteps)
            return spec.Lr * step / spec.WarmupSteps;
        if (spec.Schedule == Schedule.Constant)
            return spec.Lr;
        double part = (double)(done - spec.WarmupSteps) / Math.Max(1, steps - spec.WarmupSteps);
        return spec.Lr * (1 + Math.Cos(Math.PI * part)) / 2;
    }
}
