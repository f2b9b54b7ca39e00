using ClipDistributed.Collectives;
using ClipDistributed.Data.Streams;
using ClipDistributed.Model.Safetensors;
using ClipDistributed.TestKit.Tensors.Trainings;
using ClipDistributed.Training.Loss;
using TorchSharp;
using static TorchSharp.torch;

namespace ClipDistributed.Training.Tests.Loss;

/// <summary>Both golden losses, computed in parts by several replicas: the parts must add up to the whole's value and gradients.</summary>
public sealed class ManyReplicasLossTests
{
    public static TheoryData<int[]> Cuts { get; } =
        new() { new[] { 256 }, new[] { 128, 128 }, new[] { 64, 64, 64, 64 }, new[] { 100, 0, 1, 155 } };

    [Theory]
    [MemberData(nameof(Cuts))]
    public void Softmax_GoldenFeatures_PartsAddUpToTheReference(int[] shares) =>
        AssertGolden("loss/clip_n256_d64.safetensors", shares, group => new SoftmaxLoss(group, tile: 48));

    [Theory]
    [MemberData(nameof(Cuts))]
    public void Sigmoid_GoldenFeatures_PartsAddUpToTheReference(int[] shares) =>
        AssertGolden("loss/siglip_n256_d64.safetensors", shares, _ => new SigmoidLoss(tile: 48));

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Softmax_RowsFarBelowTheShift_AreComputedInDouble(bool oneReplica)
    {
        using var scope = NewDisposeScope();
        var images = nn.functional.normalize(ones(60, 8)); // all cosines are −1: exp(−100 − 30) is not a float32

        var parts = Run(new Shares(oneReplica ? [60] : [13, 47]), images, -images, 100, 0, group => new SoftmaxLoss(group, tile: 16));

        Assert.Equal(Math.Log(60), parts.Sum(part => part.Value), 1e-4);
        Assert.All(parts, part => Assert.All(part.Images.Concat(part.Texts), value => Assert.Equal(0, value, 1e-5)));
    }

    private static void AssertGolden(string path, int[] shares, Func<ICollective, IContrastiveLoss> create)
    {
        using var scope = NewDisposeScope();
        using var golden = SafetensorsFile.Open(Fixtures.File(path));
        double scale = Math.Exp(golden.Load("logit_scale_log").item<float>());
        bool sigmoid = golden.Entries.ContainsKey("logit_bias");
        double bias = sigmoid ? golden.Load("logit_bias").item<float>() : 0;

        var parts = Run(new Shares(shares), golden.Load("image_features"), golden.Load("text_features"), scale, bias, create);

        double expected = golden.Load("loss_float64").item<double>();
        Assert.Equal(expected, parts.Sum(part => part.Value), 1e-6 * expected);
        AssertGradient(golden.Load("grad.image_features"), parts.SelectMany(part => part.Images), "images");
        AssertGradient(golden.Load("grad.text_features"), parts.SelectMany(part => part.Texts), "texts");
        Assert.Equal(golden.Load("grad.logit_scale_log_float64").item<double>(), parts.Sum(part => part.LogitScale), 2e-6);
        if (sigmoid)
            Assert.Equal(golden.Load("grad.logit_bias").item<float>(), parts.Sum(part => part.LogitBias), 1e-6);
    }

    private static void AssertGradient(Tensor expected, IEnumerable<float> actual, string what) =>
        Golden.AssertClose(expected, tensor(actual.ToArray()).view(expected.shape), 1e-7, 0, what);

    private static Part[] Run(
        Shares shares,
        Tensor images,
        Tensor texts,
        double scale,
        double bias,
        Func<ICollective, IContrastiveLoss> create
    ) =>
        ThreadReplicas.Run(
            shares.Rows.Count,
            group =>
            {
                using var scope = NewDisposeScope();
                var own = shares.Of(group.Rank);
                var local = new Embeddings(images.narrow(0, own.Start, own.Count), texts.narrow(0, own.Start, own.Count));
                var result = create(group).Run(new EmbeddingGather(group, bfloat16: false).Run(local, shares), scale, bias);
                return new Part(result.Value, Values(result.Images), Values(result.Texts), result.LogitScale, result.LogitBias);
            }
        );

    private static float[] Values(Tensor gradient) => gradient.numel() == 0 ? [] : gradient.data<float>().ToArray();

    private sealed record Part(double Value, float[] Images, float[] Texts, double LogitScale, double LogitBias);
}
