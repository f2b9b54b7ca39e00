namespace ClipDistributed.Contracts.Models.Vision;

/// <summary>The sorts of timm's vision transformers that are built.</summary>
public enum TimmFamily
{
    /// <summary>A plain vision transformer without a class token; a latent query pools its tokens (arXiv 2303.15343).</summary>
    Siglip,

    /// <summary>EVA-02 as EVA-CLIP trains it: rotary positions, SwiGLU, norms inside attention and MLP (arXiv 2303.11331).</summary>
    Eva02,
}
