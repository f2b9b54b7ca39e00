using ClipDistributed.Contracts.Models.Vision;
using ClipDistributed.Model.Layers;
using ClipDistributed.Model.Weights;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn.functional;

namespace ClipDistributed.Model.Towers;

/// <summary>
/// The attention at the end of CLIP's ResNet: the mean of all places attends to them and to itself; only its result is a feature,
/// so only its query is computed.
/// </summary>
internal sealed class ResNetPool
{
    private readonly int width, heads;
    private readonly ParameterShape positions;
    private readonly Linear keys, queries, values, output;

    public ResNetPool(TowerScope scope, ResNetForm shape, int embed)
    {
        width = shape.FeatureWidth;
        heads = shape.Heads;
        double scale = 1 / Math.Sqrt(width);
        positions = scope.Parameter("positional_embedding", [shape.Places + 1, width], Initial.Normal(scale));
        keys = Projection("k_proj.", width);
        queries = Projection("q_proj.", width);
        values = Projection("v_proj.", width);
        output = Projection("c_proj.", embed);

        // The variance of biases is that of PyTorch's uniform distribution.
        Linear Projection(string name, int outputs) =>
            scope.Linear(name, width, outputs, Initial.Normal(scale), Initial.Normal(scale / Math.Sqrt(3)));
    }

    public LayerMemory Memory
    {
        get
        {
            long places = positions.Shape[0];
            return new LayerMemory((3 * places + 4) * width, 2 * places * width); // tokens, keys, values
        }
    }

    /// <summary>Keys and values of all places, the rest of one; and its attention.</summary>
    public long Products
    {
        get
        {
            long places = positions.Shape[0];
            return places * (keys.Weight.Count + values.Weight.Count) + queries.Weight.Count + output.Weight.Count + 2 * places * width;
        }
    }

    /// <param name="map">[b, c, h, w].</param>
    /// <returns>[b, D].</returns>
    public Tensor Forward(TowerPass pass, Tensor map)
    {
        long b = map.shape[0], c = map.shape[1];
        var places = map.flatten(2).transpose(1, 2); // [b, h·w, c]
        var x = cat([places.mean([1L], keepdim: true), places], 1) + pass.Cast(positions); // [b, 1 + h·w, c]
        var attended = scaled_dot_product_attention(
            Heads(queries.Run(pass, x.narrow(1, 0, 1))), Heads(keys.Run(pass, x)), Heads(values.Run(pass, x)));
        return output.Run(pass, attended.transpose(1, 2).reshape(b, c));

        Tensor Heads(Tensor tokens) => tokens.view(b, -1, heads, c / heads).transpose(1, 2); // [b, heads, t, c/heads]
    }
}
