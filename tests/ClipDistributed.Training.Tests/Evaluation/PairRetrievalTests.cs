using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Contracts.Runs;
using ClipDistributed.Model;
using ClipDistributed.TestKit.Records;
using ClipDistributed.Training.Evaluation;
using ClipDistributed.Training.Loss;
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
            int[] same = [.. Enumerable.Range(0, pairs).Select(_ => random.Next(captions))];
            // Each image in one row, in about two, in many.
            int[] pictures = [.. Enumerable.Range(0, pairs).Select(row => seed == 1 ? row : random.Next(seed == 2 ? 3 : 1 + pairs / 2))];

            var found = PairRetrieval.Run(images, texts, new PairLabels(pictures, same), 2, bias: null, tile);
            double[,] cosines = Cosines(images, texts);
            int[] first = [.. Enumerable.Range(0, pairs).Where(row => Array.IndexOf(pictures, pictures[row]) == row)];
            int[] all = [.. Enumerable.Range(0, pairs)];
            Assert.Equal(Naive(first, all, (i, j) => cosines[i, j], IsRight), found.ImageToText);
            Assert.Equal(Naive(all, first, (j, i) => cosines[i, j], (j, i) => IsRight(i, j)), found.TextToImage);
            Assert.Equal(SoftmaxLoss(cosines, 2), found.Loss, 1e-5);

            bool IsRight(int image, int text) => all.Any(row => pictures[row] == pictures[image] && same[row] == same[text]);
        }
    }

    // Five captions an image: with rows as images of their own, four of five equal images would stand before the right one.
    [Fact]
    public void Run_SeveralRowsOfOneImage_AnyOfItsCaptionsIsRight()
    {
        using var scope = NewDisposeScope();
        var pictures = ClipModel.Normalize(eye(8));
        var rows = arange(40).div(5, RoundingMode.floor).to(ScalarType.Int64);
        var images = pictures.index_select(0, rows);
        var labels = new PairLabels([.. Enumerable.Range(0, 40).Select(row => row / 5)], [.. Enumerable.Range(0, 40)]);
        var found = PairRetrieval.Run(images, images, labels, 20);
        Assert.Equal(SampleRecords.Recall(1, 1, 1), found.ImageToText);
        Assert.Equal(SampleRecords.Recall(1, 1, 1), found.TextToImage);
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
        Assert.Equal(expected, PairRetrieval.Run(images, texts, Apart(30), 2, bias: -3, tile: 7).Loss, 1e-5);
    }

    [Fact]
    public void Run_OneEmbeddingForAll_FindsNothing()
    {
        using var scope = NewDisposeScope();
        var all = ClipModel.Normalize(ones([40, 4]));
        var found = PairRetrieval.Run(all, all, Apart(40), 20, tile: 16);
        Assert.Equal(SampleRecords.Recall(0, 0, 0), found.ImageToText);
        Assert.Equal(SampleRecords.Recall(0, 0, 0), found.TextToImage);
        Assert.Equal(Math.Log(40), found.Loss, 1e-5);
    }

    [Fact]
    public void Run_OneCaptionForAll_FindsAll()
    {
        using var scope = NewDisposeScope();
        var (images, texts) = Embeddings(12, width: 4, seed: 1);
        Assert.Equal(
            SampleRecords.Recall(1, 1, 1),
            PairRetrieval.Run(images, texts, new PairLabels([.. Enumerable.Range(0, 12)], new int[12]), 20).ImageToText
        );
    }

    [Fact]
    public void Run_NotFinite_FindsNothing()
    {
        using var scope = NewDisposeScope();
        var broken = full([20, 4], double.NaN, ScalarType.Float32);
        var found = PairRetrieval.Run(broken, broken, Apart(20), 20);
        Assert.Equal(SampleRecords.Recall(0, 0, 0), found.ImageToText);
        Assert.Equal(SampleRecords.Recall(0, 0, 0), found.TextToImage);
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

    private static PairLabels Apart(int pairs) => new([.. Enumerable.Range(0, pairs)], [.. Enumerable.Range(0, pairs)]);

    private static RetrievalRecall Naive(int[] queries, int[] items, Func<int, int, double> score, Func<int, int, bool> isRight)
    {
        return SampleRecords.Recall(At(1), At(5), At(10));

        double At(int k) =>
            queries.Count(query =>
                items
                    .OrderByDescending(item => score(query, item))
                    .ThenBy(item => isRight(query, item))
                    .Take(k)
                    .Any(item => isRight(query, item))
            ) / (double)queries.Length;
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
