using ClipDistributed.Contracts.Models.Vision;
using ClipDistributed.Model.Layers;
using ClipDistributed.Model.Weights;
using TorchSharp;
using static TorchSharp.torch;

namespace ClipDistributed.Model.Towers;

/// <summary>What timm's vision transformers do before their blocks: patches with a bias, a class token or none, learnt positions.</summary>
internal sealed class TimmStem
{
    /// <summary>timm's ε and the deviation of its matrices, which it cuts off far outside.</summary>
    public const double NormEpsilon = 1e-6, Deviation = 0.02;

    private readonly ParameterShape? start;
    private readonly ParameterShape positions;
    private readonly PatchEmbedding patches;
    private readonly long pixels;

    /// <param name="classToken">How the class token is drawn; null: there is none.</param>
    public TimmStem(TowerScope scope, VisionConfig config, TimmTransformerForm form, Initial? classToken)
    {
        int p = form.PatchSize, width = form.Width, count = form.GridSide * form.GridSide;
        pixels = 3L * config.ImageSize * config.ImageSize;
        if (classToken is { } initial)
            start = scope.Parameter("cls_token", [1, 1, width], initial, noWeightDecay: true);
        positions = scope.Parameter(
            "pos_embed", [1, start is null ? count : count + 1, width], Initial.Normal(Deviation), noWeightDecay: true);
        var draws = Initial.FanIn(3 * p * p);
        patches = new PatchEmbedding(
            scope.Parameter("patch_embed.proj.weight", [width, 3, p, p], draws), scope.Parameter("patch_embed.proj.bias", [width], draws));
    }

    public long Tokens => positions.Shape[1];

    /// <summary>The patches are kept, for the gradient of their projection; pixels and the joined tokens pass.</summary>
    public LayerMemory Memory => new(pixels, pixels + 2 * Tokens * positions.Shape[2]);

    /// <summary>Multiplications for one image.</summary>
    public long Products => patches.Products(start is null ? Tokens : Tokens - 1);

    /// <returns>[b, tokens, w].</returns>
    public Tensor Run(TowerPass pass, Tensor images)
    {
        var x = patches.Run(pass, pass.Cast(images));
        if (start is not null)
            x = cat([pass.Cast(start).expand(x.shape[0], 1, x.shape[2]), x], 1);
        return x + pass.Cast(positions);
    }
}
