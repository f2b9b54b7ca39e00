using ClipDistributed.Collectives;
using ClipDistributed.Data.Streams;
using ClipDistributed.Training.Tensors;
using static TorchSharp.torch;

namespace ClipDistributed.Training.Loss;

/// <summary>Brings the embeddings of all replicas together, in the order of their slots.</summary>
/// <param name="bfloat16">
/// Sends half the bytes: all rows are rounded before the loss, one's own and those of a world of one included, so that the
/// loss still does not depend on who computed which row.
/// </param>
public sealed class EmbeddingGather(ICollective group, bool bfloat16)
{
    /// <param name="local">This replica's rows, [b, D] each, float32.</param>
    /// <param name="shares">The rows of all replicas; those of this rank are b.</param>
    /// <exception cref="CollectiveException">A member or the network was lost.</exception>
    public GlobalEmbeddings Run(Embeddings local, Shares shares) =>
        new(Gather(local.Images, shares), Gather(local.Texts, shares), shares, group.Rank);

    private Tensor Gather(Tensor own, Shares shares)
    {
        using var scope = NewDisposeScope();
        long width = own.shape[1];
        var sent = (bfloat16 ? own.to(ScalarType.BFloat16) : own).contiguous();
        var all = group.AllGather(sent, [.. shares.Rows.Select(rows => rows * width)]);
        return all.to(ScalarType.Float32).view(-1, width).MoveToOuterDisposeScope();
    }
}
