using ClipDistributed.Contracts.Models;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn.functional;

namespace ClipDistributed.Model.Tests.Towers;

/// <summary>The towers as the papers write them: a convolution, whole blocks over all tokens, and only then the token that is
/// read.</summary>
internal sealed class PlainTowers(ClipModel model)
{
    public Tensor Images(Tensor images)
    {
        var config = model.Config.VisionCfg;
        long b = images.shape[0];
        var patches = conv2d(images, Weight("visual.conv1.weight"), strides: [config.PatchSize, config.PatchSize])
            .flatten(2)
            .transpose(1, 2); // [b, patches, w]
        var x = cat([Weight("visual.class_embedding").expand(b, 1, -1), patches], 1) + Weight("visual.positional_embedding");
        x = Blocks(
            "visual.transformer",
            config.NoLnPre ? x : Norm("visual.ln_pre", x),
            config.Layers.Total,
            config.Width / config.HeadWidth,
            causal: false
        );
        var pooled = config.FinalLnAfterPool ? Norm("visual.ln_post", Pool(x)) : Pool(Norm("visual.ln_post", x));
        return pooled.matmul(Weight("visual.proj"));

        Tensor Pool(Tensor tokens) => config.PoolType == "avg" ? tokens.narrow(1, 1, tokens.shape[1] - 1).mean([1L]) : tokens.select(1, 0);
    }

    /// <param name="ids">Rows of the whole context, uncut.</param>
    public Tensor Texts(int[] ids)
    {
        var config = model.Config.TextCfg;
        var rows = ids.Chunk(config.ContextLength).ToList();
        var x =
            Weight("token_embedding.weight")[tensor(ids, ScalarType.Int64).view(rows.Count, config.ContextLength)]
            + Weight("positional_embedding");
        x = Blocks("transformer", x, config.Layers, config.Heads, causal: !config.NoCausalMask, config.NormKwargs?.Eps ?? 1e-5);
        x = Norm("ln_final", x, config.NormKwargs?.Eps ?? 1e-5);
        var read = stack(rows.Select((row, i) => x[i, config.PoolType switch
        {
            TextConfig.FirstToken => 0,
            TextConfig.LastToken => row.Length - 1,
            TextConfig.EndOfText => Math.Max(0, Array.IndexOf(row, config.EosId!.Value)),
            _ => Array.IndexOf(row, row.Max()),
        }]));
        if (config.ProjType is not null)
            return read;
        return config.ProjBias
            ? linear(read, Weight("text_projection.weight"), Weight("text_projection.bias"))
            : read.matmul(Weight("text_projection"));
    }

    private Tensor Blocks(string prefix, Tensor x, int layers, int heads, bool causal, double epsilon = 1e-5)
    {
        for (int i = 0; i < layers; i++)
        {
            string block = $"{prefix}.resblocks.{i}";
            x = x + Gain($"{block}.ls_1.gamma", Attention(block, Norm($"{block}.ln_1", x, epsilon), heads, causal));
            var inner = linear(Norm($"{block}.ln_2", x, epsilon), Weight($"{block}.mlp.c_fc.weight"), Weight($"{block}.mlp.c_fc.bias"));
            var active = Activate(inner, prefix == "transformer" && model.Config.TextCfg.ActKwargs is not null);
            x = x + Gain($"{block}.ls_2.gamma", linear(active, Weight($"{block}.mlp.c_proj.weight"), Weight($"{block}.mlp.c_proj.bias")));
        }
        return x;
    }

    private Tensor Activate(Tensor x, bool approximate) =>
        approximate ? x * ((Math.Sqrt(2 / Math.PI) * (x + 0.044715 * x * x * x)).tanh() + 1) / 2
            : model.Config.QuickGelu ? x * (x * 1.702).sigmoid()
            : x * (special.erf(x / Math.Sqrt(2)) + 1) / 2;

    private Tensor Gain(string name, Tensor branch) =>
        model.Parameters.Slots.Any(slot => slot.Shape.Name == name) ? branch * Weight(name) : branch;

    private Tensor Attention(string block, Tensor x, int heads, bool causal)
    {
        long b = x.shape[0], t = x.shape[1], w = x.shape[2];
        var parts = linear(x, Weight($"{block}.attn.in_proj_weight"), Weight($"{block}.attn.in_proj_bias")).chunk(3, 2);
        Tensor[] split = [.. parts.Select(part => part.reshape(b, t, heads, w / heads).transpose(1, 2))]; // [b, heads, t, w/heads]
        var scores = split[0].matmul(split[1].transpose(2, 3)) / Math.Sqrt((double)w / heads);
        if (causal)
            scores = scores.masked_fill(ones([t, t], ScalarType.Bool).triu(1), double.NegativeInfinity);
        var attended = softmax(scores, 3).matmul(split[2]).transpose(1, 2).reshape(b, t, w);
        return linear(attended, Weight($"{block}.attn.out_proj.weight"), Weight($"{block}.attn.out_proj.bias"));
    }

    private Tensor Norm(string name, Tensor x, double epsilon = 1e-5)
    {
        var centred = x - x.mean([-1], keepdim: true);
        return centred / (centred.square().mean([-1], keepdim: true) + epsilon).sqrt() * Weight($"{name}.weight") + Weight($"{name}.bias");
    }

    private Tensor Weight(string name) => model.Parameters[name];
}
