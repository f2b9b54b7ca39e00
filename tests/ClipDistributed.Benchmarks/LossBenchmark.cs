using ClipDistributed.Data.Streams;
using ClipDistributed.Training.Loss;
using TorchSharp;
using static TorchSharp.torch;

namespace ClipDistributed.Benchmarks;

/// <summary>Gather, loss and the gradients of the embeddings; random unit-norm features, logit scale exp(2.6592).</summary>
internal static class LossBenchmark
{
    private const int Width = 512;
    private const double Scale = 14.285;

    public static void Run(Bench bench, bool sigmoid, int pairs, int repeats)
    {
        using var scope = NewDisposeScope();
        var group = bench.Group;
        var shares = Shares.Even(pairs, group.World);
        var local = new Embeddings(Random(shares.Rows[group.Rank], 2 * group.Rank), Random(shares.Rows[group.Rank], 2 * group.Rank + 1));
        IContrastiveLoss loss = sigmoid ? new SigmoidLoss() : new SoftmaxLoss(group);
        var gather = new EmbeddingGather(group, bfloat16: false);
        long before = Bench.PeakBytes();
        bench.Measure($"{(sigmoid ? "sigmoid" : "softmax")} loss, N = {pairs}, D = {Width}", repeats, () =>
        {
            using var inner = NewDisposeScope();
            loss.Run(gather.Run(local, shares), Scale, bias: -10);
        });
        long embeddings = 2L * pairs * Width * sizeof(float);
        if (group.Rank == 0)
            Console.WriteLine(
                $"{"", -62} of which {(Bench.PeakBytes() - before) >> 20} MiB since before the gather, {embeddings >> 20} of "
                    + $"them the gathered embeddings"
            );
    }

    private static Tensor Random(int rows, int seed)
    {
        using var generator = new Generator((ulong)seed + 1, CPU);
        return nn.functional.normalize(randn([rows, Width], ScalarType.Float32, CPU, generator: generator));
    }
}
