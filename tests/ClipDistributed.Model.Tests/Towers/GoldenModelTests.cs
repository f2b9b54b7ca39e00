using ClipDistributed.Model.Safetensors;
using ClipDistributed.Model.Towers;
using TorchSharp;
using static TorchSharp.torch;

namespace ClipDistributed.Model.Tests.Towers;

public sealed class GoldenModelTests
{
    [Theory]
    [InlineData("vit_gelu")]
    [InlineData("vit_quickgelu")]
    [InlineData("siglip_plain")]
    [InlineData("siglip_map")]
    [InlineData("eva02")]
    [InlineData("resnet_quickgelu")]
    public void Forward_ReferenceWeights_GivesReferenceFeatures(string name)
    {
        using var scope = NewDisposeScope();
        using var mode = no_grad();
        using var golden = Load(name, out var model);
        using (model)
        {
            var (images, texts) = Embed(model, golden);
            Golden.AssertClose(golden.Load("out.image_features"), images, 2e-5, 1e-4, "image features");
            Golden.AssertClose(golden.Load("out.text_features"), texts, 2e-5, 1e-4, "text features");
            Golden.AssertClose(golden.Load("out.logits_per_image"), Logits(model, images, texts), 2e-5, 1e-4, "logits");
        }
    }

    [Theory]
    [InlineData("vit_gelu")]
    [InlineData("vit_quickgelu")]
    [InlineData("siglip_plain")]
    [InlineData("siglip_map")]
    [InlineData("eva02")]
    [InlineData("resnet_quickgelu")]
    public void Backward_ReferenceLoss_GivesReferenceGradientOfEveryParameter(string name)
    {
        using var scope = NewDisposeScope();
        using var golden = Load(name, out var model);
        using (model)
        {
            using var norms = model.Statistics?.Begin();
            var (images, texts) = Embed(model, golden);
            Golden.AssertClose(golden.Load("train.image_features_norm"), ClipModel.Normalize(images), 2e-5, 1e-4, "image features");
            var loss = Loss(model, Logits(model, images, texts));
            Golden.AssertClose(golden.Load("train.loss"), loss, 0, 1e-5, "loss");
            loss.backward();
            foreach (var slot in model.Parameters.Slots)
                AssertGradient(
                    golden.Load("grad." + Golden.NameIn(golden, "grad.", slot.Shape.Name)),
                    model.Parameters[slot.Shape.Name].grad!,
                    slot.Shape.Name
                );
        }
    }

    [Fact]
    public void Apply_OneTrainingPass_GivesTheReferencesRunningStatistics()
    {
        using var scope = NewDisposeScope();
        using var golden = Load("resnet_quickgelu", out var model);
        using (model)
        using (no_grad())
        {
            model.Statistics!.Updates = 4;
            using (model.Statistics.Begin())
                model.Images.Forward(golden.Load("input.images"));
            model.Statistics.Apply();
            foreach (var (name, value) in Golden.RunningOf(model.Parameters))
                Golden.AssertClose(golden.Load($"after.{name}"), value, 1e-6, 1e-5, name);
            Assert.Equal(5, model.Statistics.Updates);
        }
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
        using var golden = SafetensorsFile.Open(Fixtures.File($"models/{name}.io.safetensors"));
        using var weights = SafetensorsFile.Open(Fixtures.File($"models/{name}.weights.safetensors"));
        using var model = new ClipModel(Golden.Model($"models/{name}.json"), CPU, ScalarType.BFloat16);
        Golden.Load(model.Parameters, weights);
        AssertNear("out.image_features_norm");
        using var norms = model.Statistics?.Begin();
        AssertNear("train.image_features_norm");

        void AssertNear(string features)
        {
            var expected = golden.Load(features);
            var images = ClipModel.Normalize(model.Images.Forward(golden.Load("input.images")));
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

    private static void AssertGradient(Tensor expected, Tensor actual, string name)
    {
        // The gradient of key biases is zero in exact arithmetic: what stands there is rounding.
        if (KeysIn(name, expected.numel()) is var (first, count) && count > 0)
            Golden.AssertClose(expected.narrow(0, first, count), actual.narrow(0, first, count), 1e-6, 0, $"{name} (keys)");
        double largest = name == "visual.attnpool.k_proj.bias" ? 0 : expected.abs().max().ToDouble(); // zero too, for the same reason
        double relative = IsStem(name) ? 5e-4 : 1e-4;
        Golden.AssertClose(expected, actual, Math.Max(relative * largest, 1e-6), 0, name);
    }

    /// <summary>Which elements of a bias are added to keys.</summary>
    private static (long First, long Count) KeysIn(string bias, long length) =>
        bias.EndsWith("in_proj_bias", StringComparison.Ordinal) || bias.EndsWith("attn.qkv.bias", StringComparison.Ordinal)
            ? (length / 3, length / 3)
            : bias.EndsWith("attn_pool.kv.bias", StringComparison.Ordinal) ? (0, length / 2) : (0, 0);

    /// <summary>Before the residual layers of a ResNet, which accumulate the most rounding.</summary>
    private static bool IsStem(string name) =>
        name.StartsWith("visual.bn", StringComparison.Ordinal)
        || name is "visual.conv1.weight" or "visual.conv2.weight" or "visual.conv3.weight";

    private static SafetensorsFile Load(string name, out ClipModel model)
    {
        model = new ClipModel(Golden.Model($"models/{name}.json"), CPU);
        using var weights = SafetensorsFile.Open(Fixtures.File($"models/{name}.weights.safetensors"));
        Golden.Load(model.Parameters, weights);
        return SafetensorsFile.Open(Fixtures.File($"models/{name}.io.safetensors"));
    }

    private static (Tensor Images, Tensor Texts) Embed(ClipModel model, SafetensorsFile golden)
    {
        int[] ids = golden.Load("input.tokens").data<int>().ToArray();
        return (model.Images.Forward(golden.Load("input.images")), model.Texts.Forward(TextInput.From(ids, model.Config.TextCfg, CPU)));
    }
}
