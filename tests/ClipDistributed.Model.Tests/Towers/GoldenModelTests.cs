using TorchSharp;
using static TorchSharp.torch;

namespace ClipDistributed.Model.Tests.Towers;

public sealed class GoldenModelTests
{
    public static TheoryData<string> Names { get; } = [.. GoldenModel.Names];

    [Theory]
    [MemberData(nameof(Names))]
    public void Forward_ReferenceWeights_GivesReferenceFeatures(string name)
    {
        using var scope = NewDisposeScope();
        using var mode = no_grad();
        using var golden = GoldenModel.Open(name);
        var (images, texts) = golden.Embed();
        Golden.AssertClose(golden["out.image_features"], images, 2e-5, 1e-4, "image features");
        Golden.AssertClose(golden["out.text_features"], texts, 2e-5, 1e-4, "text features");
        Golden.AssertClose(golden["out.logits_per_image"], Logits(golden.Model, images, texts), 2e-5, 1e-4, "logits");
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Backward_ReferenceLoss_GivesReferenceGradientOfEveryParameter(string name)
    {
        using var scope = NewDisposeScope();
        using var golden = GoldenModel.Open(name);
        var model = golden.Model;
        using var norms = model.Statistics?.Begin();
        var (images, texts) = golden.Embed();
        Golden.AssertClose(golden["train.image_features_norm"], ClipModel.Normalize(images), 2e-5, 1e-4, "image features");
        var loss = Loss(model, Logits(model, images, texts));
        Golden.AssertClose(golden["train.loss"], loss, 0, 1e-5, "loss");
        loss.backward();
        foreach (string parameter in model.Parameters.Slots.Select(slot => slot.Shape.Name))
        {
            double excess = GoldenGradient.Excess(golden.Gradient(parameter), model.Parameters[parameter].grad!, parameter);
            Assert.True(excess <= 1, $"{parameter}: {excess:0.0} times the error that is allowed");
        }
    }

    [Fact]
    public void Apply_OneTrainingPass_GivesTheReferencesRunningStatistics()
    {
        using var scope = NewDisposeScope();
        using var mode = no_grad();
        using var golden = GoldenModel.Open("resnet_quickgelu");
        var model = golden.Model;
        model.Statistics!.Updates = 4;
        using (model.Statistics.Begin())
            model.Images.Forward(golden["input.images"]);
        model.Statistics.Apply();
        foreach (var (name, value) in Golden.RunningOf(model.Parameters))
            Golden.AssertClose(golden[$"after.{name}"], value, 1e-6, 1e-5, name);
        Assert.Equal(5, model.Statistics.Updates);
    }

    [Theory]
    [InlineData("vit_gelu", 2e-2)]
    [InlineData("siglip_map", 2e-2)]
    [InlineData("eva02", 2e-2)]
    [InlineData("resnet_quickgelu", 5e-2)] // twelve convolutions of a few channels: less averages out
    public void Forward_Bfloat16_StaysNearFloat32(string name, double tolerance)
    {
        using var scope = NewDisposeScope();
        using var mode = no_grad();
        using var golden = GoldenModel.Open(name, computeType: ScalarType.BFloat16);
        AssertNear("out.image_features_norm");
        using var norms = golden.Model.Statistics?.Begin();
        AssertNear("train.image_features_norm");

        void AssertNear(string features)
        {
            var expected = golden[features];
            var images = ClipModel.Normalize(golden.Model.Images.Forward(golden["input.images"]));
            Assert.InRange(((images - expected).norm() / expected.norm()).ToDouble(), 1e-5, tolerance);
        }
    }

    private static Tensor Logits(ClipModel model, Tensor images, Tensor texts)
    {
        var logits = ClipModel.Normalize(images).matmul(ClipModel.Normalize(texts).t()) * model.LogitScale.exp();
        return model.LogitBias is { } bias ? logits + bias : logits;
    }

    /// <summary>Of SigLIP where the model has a bias, else of CLIP; by autograd over the whole matrix.</summary>
    private static Tensor Loss(ClipModel model, Tensor logits)
    {
        long n = logits.shape[0];
        if (model.LogitBias is not null)
            return -nn.functional.logsigmoid(logits * (2 * eye(n) - 1)).sum() / n;
        var target = arange(n, ScalarType.Int64);
        return (nn.functional.cross_entropy(logits, target) + nn.functional.cross_entropy(logits.t(), target)) / 2;
    }
}
