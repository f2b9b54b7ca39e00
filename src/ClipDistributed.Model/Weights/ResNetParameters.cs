using ClipDistributed.Contracts.Models;

namespace ClipDistributed.Model.Weights;

/// <summary>The parameters of CLIP's ResNet under OpenCLIP's names, with its initialisation (OpenCLIP modified_resnet.py).</summary>
internal static class ResNetParameters
{
    public static IEnumerable<ParameterShape> Of(ModelConfig model)
    {
        var tower = model.VisionCfg;
        var stages = new BackwardStages(model);
        int stem = stages.ImageEmbeddings, half = tower.Width / 2;
        yield return Convolution("visual.conv1", half, 3, 3, stem);
        yield return Convolution("visual.conv2", half, half, 3, stem);
        yield return Convolution("visual.conv3", tower.Width, half, 3, stem);
        foreach (var parameter in Norm("visual.bn1", half, stem).Concat(Norm("visual.bn2", half, stem)).Concat(Norm("visual.bn3", tower.Width, stem)))
            yield return parameter;
        foreach (var block in ResNetBlock.Of(tower))
        {
            foreach (var parameter in Block(block, stages.ImageBlock(block.Index)))
                yield return parameter;
        }
        foreach (var parameter in AttentionPool(tower, model.EmbedDim, stages.ImageHead))
            yield return parameter;
    }

    public static IReadOnlyList<BatchNormShape> BatchNormsOf(ModelConfig model)
    {
        const string ending = ".weight";
        return [.. from parameter in Of(model)
                   where parameter.Shape.Length == 1 && parameter.Name.EndsWith(ending, StringComparison.Ordinal)
                   select new BatchNormShape(parameter.Name[..^ending.Length], (int)parameter.Shape[0])];
    }

    private static IEnumerable<ParameterShape> Block(ResNetBlock block, int stage)
    {
        string name = block.Name;
        yield return Convolution($"{name}.conv1", block.Planes, block.In, 1, stage);
        yield return Convolution($"{name}.conv2", block.Planes, block.Planes, 3, stage);
        yield return Convolution($"{name}.conv3", block.Out, block.Planes, 1, stage);
        // The last gain of a residual branch begins at zero: every block is the identity at first.
        foreach (var parameter in Norm($"{name}.bn1", block.Planes, stage).Concat(Norm($"{name}.bn2", block.Planes, stage)).Concat(Norm($"{name}.bn3", block.Out, stage, gain: 0)))
            yield return parameter;
        if (!block.HasDownsample)
            yield break;
        yield return Convolution($"{name}.downsample.0", block.Out, block.In, 1, stage);
        foreach (var parameter in Norm($"{name}.downsample.1", block.Out, stage))
            yield return parameter;
    }

    private static IEnumerable<ParameterShape> AttentionPool(VisionConfig tower, int embed, int stage)
    {
        int width = tower.FeatureWidth;
        double scale = 1 / Math.Sqrt(width);
        yield return new("visual.attnpool.positional_embedding", [tower.Patches + 1, width], Initial.Normal(scale), stage);
        foreach (var (layer, outputs) in new[] { ("k_proj", width), ("q_proj", width), ("v_proj", width), ("c_proj", embed) })
        {
            yield return new($"visual.attnpool.{layer}.weight", [outputs, width], Initial.Normal(scale), stage);
            yield return new($"visual.attnpool.{layer}.bias", [outputs], Initial.Normal(scale / Math.Sqrt(3)), stage); // variance of PyTorch's uniform one
        }
    }

    /// <summary>PyTorch's default is uniform in ±1/√fan_in; a normal distribution of the same variance serves as well.</summary>
    private static ParameterShape Convolution(string name, int outputs, int inputs, int kernel, int stage) =>
        new($"{name}.weight", [outputs, inputs, kernel, kernel], Initial.Normal(Math.Sqrt(1.0 / (3 * inputs * kernel * kernel))), stage);

    private static IEnumerable<ParameterShape> Norm(string name, int channels, int stage, double gain = 1) =>
        [new($"{name}.weight", [channels], Initial.Value(gain), stage), new($"{name}.bias", [channels], Initial.Value(0), stage)];
}
