using ClipDistributed.Training.Tensors;
using static TorchSharp.torch;

namespace ClipDistributed.Training.Loss;

/// <summary>Unit-norm embeddings, [b, D] each; row i of both belongs to one pair.</summary>
public sealed record Embeddings(Tensor Images, Tensor Texts)
{
    /// <summary>A non-finite number makes the sum non-finite; of unit-norm rows it cannot overflow.</summary>
    public bool AreFinite()
    {
        using var scope = NewDisposeScope();
        using var gradients = no_grad();
        return double.IsFinite(HostReads.Read(Images.sum() + Texts.sum()));
    }
}
