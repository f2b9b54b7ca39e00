using ClipDistributed.Contracts.Runs;
using ClipDistributed.Model;
using ClipDistributed.Training.Evaluation;
using TorchSharp;
using static TorchSharp.torch;

namespace ClipDistributed.Training.Tests.Evaluation;

/// <summary>Against the definition, written out over the whole matrix in double.</summary>
public sealed class PairRetrievalTests
{
    [Theory]
    [InlineData(2, 2, 64)]
    [InlineData(23, 9, 7)]
    [InlineData(40, 40, 8)]
    [InlineData(61, 20, 5)]
    [InlineData(130, 50, 16)]
    public void Run_AnyTiles_EqualsNaiveRanking(int pairs, int captions, int tile)
    {
        for (ulong seed = 1; seed <= 5; seed++)
        {
            using var scope = NewDisposeScope();
            var (images, texts) = Embeddings(pairs, width: 6, seed);
            var random = new Random((int)seed);
            long[] same = [.. Enumerable.Range(0, pairs).Select(_ => (long)random.Next(captions))];

            var found = PairRetrieval.Run(images, texts, tensor(same), 2, bias: null, tile);
            double[,] cosines = Cosines(images, texts);
            Assert.Equal(Naive((i, j) => cosines[i, j], same), found.ImageToText);
            Assert.Equal(Naive((i, j) => cosines[j, i], same), found.TextToImage);
            Assert.Equal(SoftmaxLoss(cosines, 2), found.Loss, 1e-5);
        }
    }

    [Fact]
    public void Run_Bias_GivesSigmoidLoss()
    {
        using var scope = NewDisposeScope();
        var (images, texts) = Embeddings(30, width: 6, seed: 3);
        double[,] cosines = Cosines(images, texts);
        double expected = 0;
        for (int i = 0; i < 30; i++)
        {
            for (int j = 0; j < 30; j++)
                expected += Math.Log(1 + Math.Exp((i == j ? -1 : 1) * (2 * cosines[i, j] - 3))) / 30;
        }
        Assert.Equal(expected, PairRetrieval.Run(images, texts, arange(30), 2, bias: -3, tile: 7).Loss, 1e-5);
    }

    [Fact]
    public void Run_OneEmbeddingForAll_FindsNothing()
    {
        using var scope = NewDisposeScope();
        var all = ClipModel.Normalize(ones([40, 4]));
        var found = PairRetrieval.Run(all, all, arange(40), 20, tile: 16);
        Assert.Equal(new RetrievalRecall(0, 0, 0), found.ImageToText);
        Assert.Equal(new RetrievalRecall(0, 0, 0), found.TextToImage);
        Assert.Equal(Math.Log(40), found.Loss, 1e-5);
    }

    [Fact]
    public void Run_OneCaptionForAll_FindsAll()
    {
        using var scope = NewDisposeScope();
        var (images, texts) = Embeddings(12, width: 4, seed: 1);
        Assert.Equal(new RetrievalRecall(1, 1, 1), PairRetrieval.Run(images, texts, zeros([12], ScalarType.Int64), 20).ImageToText);
    }

    [Fact]
    public void Run_NotFinite_FindsNothing()
    {
        using var scope = NewDisposeScope();
        var broken = full([20, 4], double.NaN, ScalarType.Float32);
        var found = PairRetrieval.Run(broken, broken, arange(20), 20);
        Assert.Equal(new RetrievalRecall(0, 0, 0), found.ImageToText);
        Assert.Equal(new RetrievalRecall(0, 0, 0), found.TextToImage);
    }

    // Quarters: their products and sums are exact in any order, so that equal scores, of which there are many, stay equal.
    private static (Tensor Images, Tensor Texts) Embeddings(int pairs, int width, ulong seed)
    {
        using var generator = new Generator(seed, CPU);
        var images = randint(-3, 4, [pairs, width], ScalarType.Float32, generator: generator);
        var texts = images + randint(-2, 3, [pairs, width], ScalarType.Float32, generator: generator);
        return (images / 4, texts / 4);
    }

    private static double[,] Cosines(Tensor images, Tensor texts)
    {
        using var scope = NewDisposeScope();
        float[] values = images.matmul(texts.t()).contiguous().data<float>().ToArray();
        int n = (int)images.shape[0];
        double[,] cosines = new double[n, n];
        for (int i = 0; i < n * n; i++)
            cosines[i / n, i % n] = values[i];
        return cosines;
    }

    private static RetrievalRecall Naive(Func<int, int, double> score, long[] same)
    {
        int n = same.Length;
        return new RetrievalRecall(At(1), At(5), At(10));

        double At(int k) => Enumerable.Range(0, n).Count(query => Enumerable.Range(0, n)
            .OrderByDescending(item => score(query, item)).ThenBy(item => same[item] == same[query]).Take(k).Any(item => same[item] == same[query])) / (double)n;
    }

    private static double SoftmaxLoss(double[,] cosines, double scale)
    {
        int n = cosines.GetLength(0);
        double loss = 0;
        for (int i = 0; i < n; i++)
        {
            double row = Enumerable.Range(0, n).Sum(j => Math.Exp(scale * (cosines[i, j] - cosines[i, i])));
            double column = Enumerable.Range(0, n).Sum(j => Math.Exp(scale * (cosines[j, i] - cosines[i, i])));
            loss += (Math.Log(row) + Math.Log(column)) / 2 / n;
        }
        return loss;
    }
}
