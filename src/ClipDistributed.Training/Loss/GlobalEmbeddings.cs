using ClipDistributed.Data.Streams;
using static TorchSharp.torch;

namespace ClipDistributed.Training.Loss;

/// <summary>The unit-norm embeddings of the global batch, [N, D] each; row i of both belongs to one pair.</summary>
/// <param name="Shares">Which rank computed which rows.</param>
/// <param name="Rank">This replica.</param>
public sealed record GlobalEmbeddings(Tensor Images, Tensor Texts, Shares Shares, int Rank)
{
    /// <summary>The rows that this replica computed.</summary>
    public SlotRange Own { get; } = Shares.Of(Rank);

    /// <summary>N.</summary>
    public int Count => (int)Images.shape[0];
}
