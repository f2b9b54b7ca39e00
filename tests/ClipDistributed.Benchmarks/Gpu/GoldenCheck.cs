using ClipDistributed.Benchmarks.Gpu.Running;
using ClipDistributed.Collectives;
using ClipDistributed.Data.Streams;
using ClipDistributed.Model;
using ClipDistributed.TestKit.Tensors.Models;
using ClipDistributed.Training.Loss;
using TorchSharp;
using static TorchSharp.torch;

namespace ClipDistributed.Benchmarks.Gpu;

/// <summary>
/// The reference models on the device: features, loss and the gradient of every parameter, by the towers and the loss of a step. In
/// float32 errors are counted in what tests/fixtures/README.md allows, so the bound is 1; in bfloat16 they are relative.
/// </summary>
internal static class GoldenCheck
{
    public static IEnumerable<GpuCheck> Of(GpuOptions options) =>
    [
        new("golden float32", TimeSpan.FromMinutes(5), report => Run(options, ScalarType.Float32, report)),
        new("golden bfloat16", TimeSpan.FromMinutes(5), report => Run(options, ScalarType.BFloat16, report)),
    ];

    private static void Run(GpuOptions options, ScalarType type, CheckReport report)
    {
        report.Phase("loading libtorch");
        var device = options.Open();
        foreach (string name in GoldenModel.Names)
        {
            report.Phase(name);
            using var scope = NewDisposeScope();
            using var golden = GoldenModel.Open(name, device, type, options.FixturesFolder);
            Compare(golden, name, type == ScalarType.Float32 ? Float32 : Bfloat16(golden.Model), report);
        }
    }

    private static void Compare(GoldenModel golden, string name, Tolerance tolerance, CheckReport report)
    {
        var model = golden.Model;
        using var norms = model.Statistics?.Begin();
        var (images, texts) = golden.Embed();
        var (imagesNorm, textsNorm) = (ClipModel.Normalize(images), ClipModel.Normalize(texts));
        report.Within(
            $"{name} features",
            Math.Max(
                tolerance.Features(golden["train.image_features_norm"], imagesNorm.detach().cpu()),
                tolerance.Features(golden["train.text_features_norm"], textsNorm.detach().cpu())),
            tolerance.OfFeatures);

        IContrastiveLoss contrastive = model.LogitBias is null ? new SoftmaxLoss(new SoloCollective()) : new SigmoidLoss();
        var embeddings = new GlobalEmbeddings(imagesNorm.detach(), textsNorm.detach(), Shares.Even((int)images.shape[0], 1), Rank: 0);
        double scale = Math.Exp(model.LogitScale.cpu().ToDouble());
        var loss = contrastive.Run(embeddings, scale, model.LogitBias?.cpu().ToDouble() ?? 0);
        double expected = golden["train.loss"].ToDouble();
        report.Within($"{name} loss", Math.Abs(loss.Value / expected - 1), tolerance.OfLoss);

        autograd.backward(textsNorm, loss.Texts);
        autograd.backward(imagesNorm, loss.Images);
        report.Within($"{name} gradients", tolerance.Gradients(golden, loss), tolerance.OfGradients);
    }

    /// <summary>How errors are counted, and how large they may be.</summary>
    private sealed record Tolerance(
        Func<Tensor, Tensor, double> Features,
        double OfFeatures,
        double OfLoss,
        Func<GoldenModel, LossResult, double> Gradients,
        double OfGradients);

    private static Tolerance Float32 { get; } = new(
        (expected, actual) => ((actual - expected).abs() / (expected.abs() * 1e-4 + 2e-5)).max().ToDouble(),
        1,
        1e-5,
        (golden, loss) => Gradients(golden, loss).Max(one => GoldenGradient.Excess(one.Expected, one.Actual, one.Name)),
        1);

    /// <summary>
    /// On processors gradients are off by up to 4e-2, those of the ResNet by 0.18: it normalises batches of a few small maps of few
    /// channels, where little averages out.
    /// </summary>
    private static Tolerance Bfloat16(ClipModel model) => new(
        Relative,
        model.Statistics is null ? 2e-2 : 5e-2,
        2e-2,
        (golden, loss) =>
        {
            var gradients = Gradients(golden, loss).ToList();
            return Relative(
                cat([.. gradients.Select(one => one.Expected.flatten())]), cat([.. gradients.Select(one => one.Actual.flatten())]));
        },
        model.Statistics is null ? 6e-2 : 3e-1);

    private static double Relative(Tensor expected, Tensor actual) => ((actual - expected).norm() / expected.norm()).ToDouble();

    /// <summary>Of every parameter on the CPU; those of the loss's own scalars are what the loss gives by formula.</summary>
    private static IEnumerable<(string Name, Tensor Expected, Tensor Actual)> Gradients(GoldenModel golden, LossResult loss)
    {
        var model = golden.Model;
        foreach (string name in model.Parameters.Slots.Select(slot => slot.Shape.Name))
        {
            var actual = name == model.Declaration.LogitScale.Name ? tensor((float)loss.LogitScale)
                : name == model.Declaration.LogitBias?.Name ? tensor((float)loss.LogitBias)
                : model.Parameters[name].grad!.cpu();
            yield return (name, golden.Gradient(name), actual);
        }
    }
}
