using ClipDistributed.Model.Layers;

namespace ClipDistributed.Model.Towers;

/// <summary>What the blocks of a transformer have in common.</summary>
/// <param name="Width">w, channels of a token.</param>
/// <param name="Inner">Channels of the MLP's inner layer.</param>
/// <param name="Heads">Divides the width.</param>
internal sealed record BlockForm(int Width, int Inner, int Heads, Activation Activation)
{
    /// <summary>Whether a token sees only those before it and itself.</summary>
    public bool Causal { get; init; }

    /// <summary>Where the gains of residual branches begin (arXiv 2103.17239); null: there are none.</summary>
    public double? Gain { get; init; }

    public double NormEpsilon { get; init; } = LayerNorm.Usual;

    public BlockNames Names { get; init; } = BlockNames.OpenClip;

    public required BlockInitials Initials { get; init; }
}

/// <summary>Deviations that a block's matrices are drawn with.</summary>
/// <param name="Attention">Of queries, keys and values.</param>
/// <param name="Residual">Of the last matrix of each residual branch.</param>
/// <param name="Inner">Of the MLP's first matrix.</param>
internal sealed record BlockInitials(double Attention, double Residual, double Inner)
{
    /// <summary>CLIP's (arXiv 2103.00020; OpenCLIP transformer.py, init_parameters).</summary>
    public static BlockInitials OfClip(int width, int layers)
    {
        double attention = 1 / Math.Sqrt(width);
        return new BlockInitials(attention, attention / Math.Sqrt(2.0 * layers), 1 / Math.Sqrt(2.0 * width));
    }
}

/// <summary>What an implementation calls the layers of its blocks; matrices with what joins them to "weight" and "bias".</summary>
internal sealed record BlockNames(string Norm1, string Attention, string Output, string Norm2, string Inner, string Last)
{
    public static BlockNames OpenClip { get; } = new("ln_1", "attn.in_proj_", "attn.out_proj.", "ln_2", "mlp.c_fc.", "mlp.c_proj.");
}
