using ClipDistributed.Collectives;
using ClipDistributed.Contracts.Models;
using ClipDistributed.Data.Batches;
using ClipDistributed.Data.Streams;
using ClipDistributed.Model;
using ClipDistributed.Model.Layers;
using ClipDistributed.Training.Loss;
using ClipDistributed.Training.Steps;
using ClipDistributed.Training.Tensors;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn.functional;

namespace ClipDistributed.Benchmarks.Gpu.Kernels;

/// <summary>The operations of a step, in the form in which pixels, towers, losses and optimizer use them.</summary>
internal static class StepKernels
{
    private const long B = 4, T = 17, W = 64, Heads = 4, Grid = 8; // rows, tokens, width; side of a map

    public static IReadOnlyList<Kernel> All { get; } = [.. OfTransformers(), .. OfResNets(), .. OfTheRest()];

    private static IEnumerable<Kernel> OfTransformers()
    {
        long[] tokens = [B, T, W], head = [B, Heads, T, W / Heads], oneQuery = [B, Heads, 1, W / Heads];
        yield return new("linear", [tokens, [3 * W, W], [3 * W]], x => linear(x[0], x[1], x[2]));
        yield return new("matmul", [[B, W], [W, 48]], x => x[0].matmul(x[1]));
        yield return new("patches", [[B, 3, 16, 16], [W, 3 * 8 * 8]], x =>
            linear(x[0].view(B, 3, 2, 8, 2, 8).permute(0, 2, 4, 1, 3, 5).reshape(B, 4, 3 * 8 * 8), x[1]));
        yield return new("class token and positions", [[1, 1, W], [B, T - 1, W], [T, W]], x =>
            cat([x[0].expand(B, 1, W), x[1]], 1) + x[2]);
        yield return new("embedding", [[50, W]], x => x[0].index_select(0, Places(B * T, 50, x[0].device)).view(B, T, W));
        yield return new("layer norm", [tokens, [W], [W]], x => // in float32 also where the towers compute in bfloat16
            layer_norm(Exact(x[0]), [W], Exact(x[1]), Exact(x[2]), 1e-5).to(x[0].dtype));
        yield return new("gelu", [tokens], x => gelu(x[0]));
        yield return new("tanh gelu", [tokens], x => gelu(x[0], TorchSharp.Modules.GELU.Approximate.tanh));
        yield return new("quick gelu", [tokens], x => x[0] * (x[0] * 1.702).sigmoid());
        yield return new("silu", [tokens], x => silu(x[0]));
        yield return new("attention", [head, head, head], x => scaled_dot_product_attention(x[0], x[1], x[2]));
        yield return new("causal attention", [head, head, head], x => scaled_dot_product_attention(x[0], x[1], x[2], is_casual: true));
        yield return new("attention of one token", [oneQuery, head, head], x =>
        {
            var mask = arange(T, ScalarType.Int64, x[0].device).unsqueeze(0) <= Places(B, T, x[0].device).unsqueeze(1);
            return scaled_dot_product_attention(x[0], x[1], x[2], mask.view(B, 1, 1, T));
        });
        yield return new("pick of a token", [tokens], x =>
            x[0].gather(1, Places(B, T, x[0].device).view(-1, 1, 1).expand(-1, 1, W)).squeeze(1));
        yield return new("mean of tokens", [tokens], x => x[0].mean([1L]));
        yield return new("normalize", [[B, W]], x => ClipModel.Normalize(x[0]));
    }

    private static IEnumerable<Kernel> OfResNets()
    {
        long[] map = [B, 16, Grid, Grid];
        yield return new("convolution", [map, [32, 16, 3, 3]], x => Convolution.Run(x[0], x[1], padding: 1));
        yield return new("convolution 1x1", [map, [32, 16, 1, 1]], x => Convolution.Run(x[0], x[1]));
        yield return new("convolution of pixels", [[B, 3, 16, 16], [16, 3, 3, 3]], x => Convolution.Run(x[0], x[1], padding: 1, stride: 2));
        yield return new("convolution of few channels", [[B, 6, Grid, Grid], [8, 6, 3, 3]], x => Convolution.Run(x[0], x[1], padding: 1));
        yield return new("batch norm", [map, [16], [16]], x =>
        {
            Tensor mean = zeros(16, device: x[0].device), variance = ones(16, device: x[0].device);
            return batch_norm(x[0], mean, variance, Exact(x[1]), Exact(x[2]), true, 1, 1e-5); // gain and bias stay float32
        });
        yield return new("average pool", [map], x => avg_pool2d(x[0], 2));
        yield return new("relu", [map], x => x[0].relu());
    }

    private static IEnumerable<Kernel> OfTheRest()
    {
        long[] features = [48, W], flat = [1024];
        yield return new("pixels", [[B, 3, 16, 16]], x => Pixels(x[0].detach().cpu(), x[0].device)) { IsOfTowers = false };
        yield return new("softmax loss", [features, features], x => Numbers(new SoftmaxLoss(new SoloCollective(), tile: 32), x))
        { IsOfTowers = false };
        yield return new("sigmoid loss", [features, features], x => Numbers(new SigmoidLoss(tile: 32), x)) { IsOfTowers = false };
        yield return new("norms", [flat, flat], x => stack(TensorOperators.Norms([x[0].detach(), x[1].detach()]))) { IsOfTowers = false };
        yield return new("fused AdamW", [flat, flat, flat, flat], x =>
        {
            var (parameters, gradients, means) = (x[0].detach(), x[1].detach(), x[2].detach());
            var squares = x[3].detach().square();
            TensorOperators.FusedAdamW(
                new AdamWTensors([parameters], [gradients], [means], [squares]),
                tensor(3f, device: parameters.device),
                new AdamWSettings(1e-2, 0.9, 0.98, 0.2, 1e-6));
            return cat([parameters, means, squares]);
        }) { IsOfTowers = false };
    }

    /// <summary>Images of a batch on their way into the tower.</summary>
    private static Tensor Pixels(Tensor images, Device device)
    {
        byte[] bytes = (images * 60 + 128).clamp(0, 255).to(ScalarType.Byte).data<byte>().ToArray();
        var samples = Enumerable.Range(0, (int)B).Select(slot => new BatchSample(slot, default, default, 0));
        var batch = new Batch(1, [.. samples], bytes, (int)images.shape[^1], new int[B], context: 1);
        return new MicroBatches(batch, (int)B, new PreprocessConfig(), device).Images(0);
    }

    /// <summary>All that a loss gives, as one vector.</summary>
    private static Tensor Numbers(IContrastiveLoss loss, Tensor[] features)
    {
        Tensor images = ClipModel.Normalize(features[0].detach()), texts = ClipModel.Normalize(features[1].detach());
        var result = loss.Run(new GlobalEmbeddings(images, texts, Shares.Even((int)images.shape[0], 1), Rank: 0), 14, -10);
        var scalars = tensor((float[])[(float)result.Value, (float)result.LogitScale], device: images.device);
        return cat([scalars, result.Images.flatten(), result.Texts.flatten()]);
    }

    private static Tensor Exact(Tensor x) => x.to(ScalarType.Float32);

    /// <summary>Some indices below a limit, [count] of int64.</summary>
    private static Tensor Places(long count, long limit, Device device) =>
        tensor((long[])[.. Enumerable.Range(0, (int)count).Select(i => i * 7L % limit)], device: device);
}
