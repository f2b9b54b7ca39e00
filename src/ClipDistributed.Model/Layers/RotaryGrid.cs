using TorchSharp;
using static TorchSharp.torch;

namespace ClipDistributed.Model.Layers;

/// <summary>
/// Rotary positions on a grid (arXiv 2104.09864 in two dimensions; timm pos_embed_sincos.py, RotaryEmbeddingCat): half of a head's pairs
/// turn with the row, half with the column. The grid is stretched to the side that EVA-02 was trained on.
/// </summary>
/// <param name="side">Patches along one side.</param>
/// <param name="headWidth">Channels of a head, a multiple of 4.</param>
internal sealed class RotaryGrid(int side, int headWidth)
{
    private const double Temperature = 10000, TrainedSide = 16;

    public RotaryAngles On(TowerPass pass, Tensor like)
    {
        int bands = headWidth / 4;
        float[] sines = new float[side * side * headWidth], cosines = new float[sines.Length];
        for (int place = 0; place < side * side; place++)
        {
            for (int channel = 0; channel < headWidth; channel++)
            {
                int pair = channel / 2; // rows first, then columns
                int coordinate = pair < bands ? place / side : place % side;
                double angle = coordinate * TrainedSide / side * Math.Pow(Temperature, -(double)(pair % bands) / bands);
                sines[place * headWidth + channel] = (float)Math.Sin(angle);
                cosines[place * headWidth + channel] = (float)Math.Cos(angle);
            }
        }
        return new RotaryAngles(On(sines), On(cosines));

        Tensor On(float[] values) => pass.Cast(HostData.Send(tensor(values, [side * side, headWidth]), like.device));
    }
}

/// <summary>Sines and cosines of each place's angles, [places, c]; both channels of a pair have the same.</summary>
internal readonly record struct RotaryAngles(Tensor Sines, Tensor Cosines)
{
    /// <summary>Turns each pair of channels (a, b) to (a·cos − b·sin, b·cos + a·sin); the token before the grid stays.</summary>
    /// <param name="x">[b, heads, 1 + places, c].</param>
    public Tensor Rotate(Tensor x)
    {
        using var scope = NewDisposeScope();
        var (start, places) = (x.narrow(2, 0, 1), x.narrow(2, 1, x.shape[2] - 1));
        var pairs = places.reshape(places.shape[0], places.shape[1], places.shape[2], -1, 2); // [b, heads, places, c/2, 2]
        var turned = stack([-pairs.select(4, 1), pairs.select(4, 0)], 4).reshape(places.shape);
        return cat([start, places * Cosines + turned * Sines], 2).MoveToOuterDisposeScope();
    }
}
