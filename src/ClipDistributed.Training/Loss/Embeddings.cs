using static TorchSharp.torch;

namespace ClipDistributed.Training.Loss;

/// <summary>Unit-norm embeddings, [b, D] each; row i of both belongs to one pair.</summary>
public sealed record Embeddings(Tensor Images, Tensor Texts)
{
    /// <summary>Of all numbers, a scalar: a non-finite one makes it non-finite; of unit-norm rows it cannot overflow.</summary>
    public Tensor Sum()
    {
        using var scope = NewDisposeScope();
        using var gradients = no_grad();
        return (Images.sum() + Texts.sum()).MoveToOuterDisposeScope();
    }
}
