using ClipDistributed.Contracts.Models;

namespace ClipDistributed.Model.Weights;

/// <summary>
/// All parameters of a model in a fixed order, under OpenCLIP's names, with the initialisation of CLIP
/// (arXiv 2103.00020; OpenCLIP transformer.py, init_parameters).
/// </summary>
public static class ClipParameters
{
    public static IReadOnlyList<ParameterShape> Of(ModelConfig model) => [.. Scalars(model), .. Image(model), .. Text(model)];

    private static IEnumerable<ParameterShape> Scalars(ModelConfig model)
    {
        yield return new("logit_scale", [], Initial.Value(model.InitLogitScale ?? Math.Log(1 / 0.07)), BackwardStages.Loss);
        if (model.InitLogitBias is { } bias)
            yield return new("logit_bias", [], Initial.Value(bias), BackwardStages.Loss);
    }

    /// <summary>The batch norms of a model, in the order in which its images pass them; none in a transformer.</summary>
    public static IReadOnlyList<BatchNormShape> BatchNormsOf(ModelConfig model) =>
        model.HasBatchNorm ? ResNetParameters.BatchNormsOf(model) : [];

    private static IEnumerable<ParameterShape> Image(ModelConfig model) =>
        model.VisionCfg.IsResNet ? ResNetParameters.Of(model) : Vit(model);

    private static IEnumerable<ParameterShape> Vit(ModelConfig model)
    {
        var tower = model.VisionCfg;
        var stages = new BackwardStages(model);
        double scale = 1 / Math.Sqrt(tower.Width);
        yield return new("visual.class_embedding", [tower.Width], Initial.Normal(scale), stages.ImageEmbeddings);
        yield return new("visual.positional_embedding", [tower.Patches + 1, tower.Width], Initial.Normal(scale), stages.ImageEmbeddings);
        yield return new("visual.proj", [tower.Width, model.EmbedDim], Initial.Normal(scale), stages.ImageHead);
        // PyTorch's default for a convolution is uniform in ±1/√fan_in; a normal one of the same variance serves as well.
        int patch = 3 * tower.PatchSize * tower.PatchSize;
        yield return new("visual.conv1.weight", [tower.Width, 3, tower.PatchSize, tower.PatchSize], Initial.Normal(Math.Sqrt(1.0 / (3 * patch))), stages.ImageEmbeddings);
        if (!tower.NoLnPre)
        {
            foreach (var parameter in Norm("visual.ln_pre", tower.Width, stages.ImageEmbeddings))
                yield return parameter;
        }
        foreach (var parameter in Blocks("visual.transformer", tower.Layers.Total, tower.Width, tower.MlpRatio, tower.LsInitValue, stages.ImageBlock))
            yield return parameter;
        foreach (var parameter in Norm("visual.ln_post", tower.Width, stages.ImageHead))
            yield return parameter;
    }

    private static IEnumerable<ParameterShape> Text(ModelConfig model)
    {
        var tower = model.TextCfg;
        var stages = new BackwardStages(model);
        yield return new("positional_embedding", [tower.ContextLength, tower.Width], Initial.Normal(0.01), stages.TextEmbeddings);
        yield return new("token_embedding.weight", [tower.VocabSize, tower.Width], Initial.Normal(0.02), stages.TextEmbeddings);
        foreach (var parameter in Blocks("transformer", tower.Layers, tower.Width, tower.MlpRatio, tower.LsInitValue, stages.TextBlock))
            yield return parameter;
        foreach (var parameter in Norm("ln_final", tower.Width, BackwardStages.TextHead))
            yield return parameter;
        yield return new(
            "text_projection", [tower.Width, model.EmbedDim], Initial.Normal(1 / Math.Sqrt(tower.Width)), BackwardStages.TextHead);
    }

    private static IEnumerable<ParameterShape> Blocks(
        string prefix, int layers, int width, double mlpRatio, double? gain, Func<int, int> stageOf)
    {
        int inner = (int)(width * mlpRatio);
        double attention = 1 / Math.Sqrt(width);
        double residual = attention / Math.Sqrt(2.0 * layers);
        double fullyConnected = 1 / Math.Sqrt(2.0 * width);
        for (int i = 0; i < layers; i++)
        {
            string block = $"{prefix}.resblocks.{i}";
            int stage = stageOf(i);
            foreach (var parameter in Norm($"{block}.ln_1", width, stage))
                yield return parameter;
            yield return new($"{block}.attn.in_proj_weight", [3 * width, width], Initial.Normal(attention), stage);
            yield return new($"{block}.attn.in_proj_bias", [3 * width], Initial.Value(0), stage);
            yield return new($"{block}.attn.out_proj.weight", [width, width], Initial.Normal(residual), stage);
            yield return new($"{block}.attn.out_proj.bias", [width], Initial.Value(0), stage);
            foreach (var parameter in Norm($"{block}.ln_2", width, stage))
                yield return parameter;
            yield return new($"{block}.mlp.c_fc.weight", [inner, width], Initial.Normal(fullyConnected), stage);
            yield return new($"{block}.mlp.c_fc.bias", [inner], Initial.Value(0), stage);
            yield return new($"{block}.mlp.c_proj.weight", [width, inner], Initial.Normal(residual), stage);
            yield return new($"{block}.mlp.c_proj.bias", [width], Initial.Value(0), stage);
            if (gain is { } start)
            {
                yield return new($"{block}.ls_1.gamma", [width], Initial.Value(start), stage);
                yield return new($"{block}.ls_2.gamma", [width], Initial.Value(start), stage);
            }
        }
    }

    private static IEnumerable<ParameterShape> Norm(string name, int width, int stage) =>
        [new($"{name}.weight", [width], Initial.Value(1), stage), new($"{name}.bias", [width], Initial.Value(0), stage)];
}
