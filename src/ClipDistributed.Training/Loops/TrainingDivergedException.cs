using ClipDistributed.Contracts.Errors;

namespace ClipDistributed.Training.Loops;

/// <summary>The loss or the gradient was non-finite for several steps in a row.</summary>
public sealed class TrainingDivergedException(long step, int steps)
    : Exception(
        $"The last {Counted.Plain(steps, "step")} up to {step} had a non-finite loss or gradient; resume from an earlier checkpoint "
            + $"with a lower optimizer.lr or a longer warm-up."
    );
