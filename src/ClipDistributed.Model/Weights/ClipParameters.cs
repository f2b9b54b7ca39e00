using ClipDistributed.Contracts.Models;

namespace ClipDistributed.Model.Weights;

/// <summary>
/// All parameters of a model in a fixed order, under OpenCLIP's names, with the initialisation of CLIP
/// (arXiv 2103.00020; OpenCLIP transformer.py, init_parameters).
/// </summary>
public static class ClipParameters
{
    public static IReadOnlyList<ParameterShape> Of(ModelConfig model) =>
        [new("logit_scale", [], Initial.Value(Math.Log(1 / 0.07))), .. Image(model), .. Text(model)];

    private static IEnumerable<ParameterShape> Image(ModelConfig model)
    {
        var tower = model.VisionCfg;
        double scale = 1 / Math.Sqrt(tower.Width);
        yield return new("visual.class_embedding", [tower.Width], Initial.Normal(scale));
        yield return new("visual.positional_embedding", [tower.Patches + 1, tower.Width], Initial.Normal(scale));
        yield return new("visual.proj", [tower.Width, model.EmbedDim], Initial.Normal(scale));
        // PyTorch's default for a convolution is uniform in ±1/√fan_in; a normal one of the same variance serves as well.
        int patch = 3 * tower.PatchSize * tower.PatchSize;
        yield return new("visual.conv1.weight", [tower.Width, 3, tower.PatchSize, tower.PatchSize], Initial.Normal(Math.Sqrt(1.0 / (3 * patch))));
        foreach (var parameter in Norm("visual.ln_pre", tower.Width))
            yield return parameter;
        foreach (var parameter in Blocks("visual.transformer", tower.Layers, tower.Width, tower.MlpRatio))
            yield return parameter;
        foreach (var parameter in Norm("visual.ln_post", tower.Width))
            yield return parameter;
    }

    private static IEnumerable<ParameterShape> Text(ModelConfig model)
    {
        var tower = model.TextCfg;
        yield return new("positional_embedding", [tower.ContextLength, tower.Width], Initial.Normal(0.01));
        yield return new("token_embedding.weight", [tower.VocabSize, tower.Width], Initial.Normal(0.02));
        foreach (var parameter in Blocks("transformer", tower.Layers, tower.Width, tower.MlpRatio))
            yield return parameter;
        foreach (var parameter in Norm("ln_final", tower.Width))
            yield return parameter;
        yield return new("text_projection", [tower.Width, model.EmbedDim], Initial.Normal(1 / Math.Sqrt(tower.Width)));
    }

    private static IEnumerable<ParameterShape> Blocks(string prefix, int layers, int width, double mlpRatio)
    {
        int inner = (int)(width * mlpRatio);
        double attention = 1 / Math.Sqrt(width);
        double residual = attention / Math.Sqrt(2.0 * layers);
        double fullyConnected = 1 / Math.Sqrt(2.0 * width);
        for (int i = 0; i < layers; i++)
        {
            string block = $"{prefix}.resblocks.{i}";
            foreach (var parameter in Norm($"{block}.ln_1", width))
                yield return parameter;
            yield return new($"{block}.attn.in_proj_weight", [3 * width, width], Initial.Normal(attention));
            yield return new($"{block}.attn.in_proj_bias", [3 * width], Initial.Value(0));
            yield return new($"{block}.attn.out_proj.weight", [width, width], Initial.Normal(residual));
            yield return new($"{block}.attn.out_proj.bias", [width], Initial.Value(0));
            foreach (var parameter in Norm($"{block}.ln_2", width))
                yield return parameter;
            yield return new($"{block}.mlp.c_fc.weight", [inner, width], Initial.Normal(fullyConnected));
            yield return new($"{block}.mlp.c_fc.bias", [inner], Initial.Value(0));
            yield return new($"{block}.mlp.c_proj.weight", [width, inner], Initial.Normal(residual));
            yield return new($"{block}.mlp.c_proj.bias", [width], Initial.Value(0));
        }
    }

    private static IEnumerable<ParameterShape> Norm(string name, int width) =>
        [new($"{name}.weight", [width], Initial.Value(1)), new($"{name}.bias", [width], Initial.Value(0))];
}
