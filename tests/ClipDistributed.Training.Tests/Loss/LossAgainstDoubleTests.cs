using ClipDistributed.Training.Loss;
using CsCheck;
using TorchSharp;
using static TorchSharp.torch;

namespace ClipDistributed.Training.Tests.Loss;

/// <summary>The tiled loss against the same loss computed otherwise and in double precision.</summary>
public sealed class LossAgainstDoubleTests
{
    private static readonly Gen<LossCase> Cases =
        from pairs in Gen.OneOf(Gen.Int[1, 20], Gen.Int[1, 300])
        from width in Gen.Int[1, 40]
        from scale in Gen.Double[1, 100]
        from tile in Gen.Int[Math.Max(1, pairs / 8), pairs + 10]
        from seed in Gen.Int[1, 1000]
        select new LossCase(pairs, width, scale, tile, (ulong)seed);

    [Fact]
    public void Run_AnySizes_EqualsTheWholeMatrixInDouble() => Cases.Sample(test =>
    {
        using var scope = NewDisposeScope();
        var (images, texts) = test.Embeddings();
        var result = OneReplica.Softmax(images, texts, test.Scale, test.Tile);

        var wholeImages = images.to(ScalarType.Float64).requires_grad_(true);
        var wholeTexts = texts.to(ScalarType.Float64).requires_grad_(true);
        var logScale = tensor(Math.Log(test.Scale), ScalarType.Float64, requires_grad: true);
        var logits = wholeImages.matmul(wholeTexts.t()) * logScale.exp();
        var target = arange(test.Pairs, ScalarType.Int64);
        var loss = (nn.functional.cross_entropy(logits, target) + nn.functional.cross_entropy(logits.t(), target)) / 2;
        loss.backward();

        Assert.Equal(loss.ToDouble(), result.Value, test.Noise);
        Golden.AssertClose(wholeImages.grad!, result.Images, test.GradientNoise, 0, "images");
        Golden.AssertClose(wholeTexts.grad!, result.Texts, test.GradientNoise, 0, "texts");
        Assert.Equal(logScale.grad!.ToDouble(), result.LogitScale, test.Noise * test.Scale);
    }, iter: 60, threads: 1);

    [Fact]
    public void Run_PairsInAnotherOrder_GivesTheSameLossAndPermutedGradients() => Cases.Sample(test =>
    {
        using var scope = NewDisposeScope();
        var (images, texts) = test.Embeddings();
        long[] order = [.. Enumerable.Range(0, test.Pairs).Select(i => (long)i)];
        new Random((int)test.Seed).Shuffle(order);
        var permutation = tensor(order, ScalarType.Int64);

        var result = OneReplica.Softmax(images, texts, test.Scale, test.Tile);
        var permuted = OneReplica.Softmax(images[permutation], texts[permutation], test.Scale, test.Tile);

        Assert.Equal(result.Value, permuted.Value, test.Noise);
        Assert.Equal(result.LogitScale, permuted.LogitScale, test.Noise * test.Scale);
        Golden.AssertClose(result.Images[permutation], permuted.Images, test.GradientNoise, 0, "images");
        Golden.AssertClose(result.Texts[permutation], permuted.Texts, test.GradientNoise, 0, "texts");
    }, iter: 40, threads: 1);

    [Fact]
    public void Run_SmallCase_HasTheGradientOfFiniteDifferences()
    {
        const double h = 1e-5;
        using var scope = NewDisposeScope();
        var test = new LossCase(Pairs: 5, Width: 3, Scale: 8, Tile: 2, Seed: 6);
        var (images, texts) = test.Embeddings();
        double[] i = Doubles(images), t = Doubles(texts);
        var result = OneReplica.Softmax(images, texts, test.Scale, test.Tile);

        double[] imageGradient = Doubles(result.Images), textGradient = Doubles(result.Texts);
        for (int k = 0; k < i.Length; k++)
        {
            Assert.Equal(Difference(shift => Loss(Moved(i, k, shift), t, 5, 3, 8)), imageGradient[k], 1e-6);
            Assert.Equal(Difference(shift => Loss(i, Moved(t, k, shift), 5, 3, 8)), textGradient[k], 1e-6);
        }
        Assert.Equal(Difference(shift => Loss(i, t, 5, 3, 8 * Math.Exp(shift))), result.LogitScale, 1e-5);

        static double Difference(Func<double, double> loss) => (loss(h) - loss(-h)) / (2 * h);
        static double[] Moved(double[] values, int at, double shift) => [.. values.Select((value, i) => i == at ? value + shift : value)];
    }

    /// <summary>arXiv 2103.00020, figure 3, in loops.</summary>
    private static double Loss(double[] images, double[] texts, int n, int width, double scale)
    {
        double Logit(int row, int column) =>
            scale * Enumerable.Range(0, width).Sum(d => images[row * width + d] * texts[column * width + d]);
        double loss = 0;
        for (int k = 0; k < n; k++)
        {
            double toTexts = Math.Log(Enumerable.Range(0, n).Sum(other => Math.Exp(Logit(k, other))));
            double toImages = Math.Log(Enumerable.Range(0, n).Sum(other => Math.Exp(Logit(other, k))));
            loss += (toTexts + toImages) / 2 - Logit(k, k);
        }
        return loss / n;
    }

    private static double[] Doubles(Tensor values) => [.. values.contiguous().data<float>().Select(value => (double)value)];

    private sealed record LossCase(int Pairs, int Width, double Scale, int Tile, ulong Seed)
    {
        /// <summary>Of a logit in float32, and so of a weight; 6,000 cases stayed within a quarter of it.</summary>
        public double Noise => 4e-7 * (Scale + 10);

        /// <summary>Sums of up to N weights of about 1 each; 6,000 cases stayed within a third of it.</summary>
        public double GradientNoise => 2.5e-6 * (Scale + 10) * Scale / Pairs;

        public (Tensor Images, Tensor Texts) Embeddings()
        {
            using var generator = new Generator(Seed, CPU);
            return (
                nn.functional.normalize(randn([Pairs, Width], generator: generator)),
                nn.functional.normalize(randn([Pairs, Width], generator: generator))
            );
        }
    }
}
