using ClipDistributed.Training.Loss;
using static TorchSharp.torch;

namespace ClipDistributed.Benchmarks;

/// <summary>Times the loss over embeddings, and shows the memory that it takes.</summary>
internal static class LossBenchmark
{
    public static void Run(Bench bench, bool sigmoid, int pairs, int repeats)
    {
        var group = bench.Group;
        using var loss = new SyntheticLoss(group, sigmoid ? new SigmoidLoss() : new SoftmaxLoss(group), pairs, CPU);
        long before = Bench.PeakBytes();
        string name = sigmoid ? "sigmoid" : "softmax";
        bench.Measure($"{name} loss, N = {pairs}, D = {SyntheticLoss.Width}", repeats, () => loss.Run());
        long embeddings = 2L * pairs * SyntheticLoss.Width * sizeof(float);
        if (group.Rank == 0)
            Console.WriteLine(
                $"{"", -62} of which {(Bench.PeakBytes() - before) >> 20} MiB since before the gather, {embeddings >> 20} of "
                    + $"them the gathered embeddings"
            );
    }
}
