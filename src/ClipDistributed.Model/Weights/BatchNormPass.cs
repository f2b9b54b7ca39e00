using TorchSharp;
using static TorchSharp.torch;

namespace ClipDistributed.Model.Weights;

/// <summary>What one pass through a tower normalises by: the running statistics, or its own, which it leaves in a vector.</summary>
/// <param name="values">Laid out as <see cref="BatchStatistics.Running"/>; of this pass alone where it normalises by the batch.</param>
internal sealed class BatchNormPass(BatchStatistics statistics, Tensor values, bool byBatch)
{
    public bool ByBatch => byBatch;

    /// <summary>With a momentum of 1 PyTorch writes the batch's own mean and unbiased variance into these.</summary>
    public (Tensor Mean, Tensor Variance) Of(string norm) =>
        (statistics.View(values, norm, variance: false), statistics.View(values, norm, variance: true));

    /// <summary>The pass went through all norms.</summary>
    public void End()
    {
        if (byBatch)
            statistics.Collect(values);
    }
}
