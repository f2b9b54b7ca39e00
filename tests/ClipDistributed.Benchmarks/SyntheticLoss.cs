using ClipDistributed.Collectives;
using ClipDistributed.Data.Streams;
using ClipDistributed.Training.Loss;
using TorchSharp;
using static TorchSharp.torch;

namespace ClipDistributed.Benchmarks;

/// <summary>Gather, loss and the gradients of the embeddings; random unit-norm features, logit scale exp(2.6592).</summary>
internal sealed class SyntheticLoss : IDisposable
{
    public const int Width = 512;

    private const double Scale = 14.285;

    private readonly Shares shares;
    private readonly Embeddings local;
    private readonly EmbeddingGather gather;
    private readonly IContrastiveLoss loss;

    /// <param name="pairs">Of the whole group.</param>
    public SyntheticLoss(ICollective group, IContrastiveLoss loss, int pairs, Device device)
    {
        this.loss = loss;
        shares = Shares.Even(pairs, group.World);
        local = new Embeddings(
            Random(shares.Rows[group.Rank], 2 * group.Rank, device), Random(shares.Rows[group.Rank], 2 * group.Rank + 1, device));
        gather = new EmbeddingGather(group, bfloat16: false);
    }

    /// <returns>This replica's part of the loss.</returns>
    public double Run()
    {
        using var scope = NewDisposeScope();
        return loss.Run(gather.Run(local, shares), Scale, bias: -10).Value;
    }

    public void Dispose()
    {
        local.Images.Dispose();
        local.Texts.Dispose();
    }

    private static Tensor Random(int rows, int seed, Device device)
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator((ulong)seed + 1, CPU);
        var features = nn.functional.normalize(randn([rows, Width], ScalarType.Float32, CPU, generator: generator));
        return features.to(device).DetachFromDisposeScope();
    }
}
