namespace ClipDistributed.Contracts.Models.Vision;

/// <summary>A vision transformer of timm that can be built (timm vision_transformer.py and eva.py, the functions of these names).</summary>
/// <param name="Patch">Side of a patch, pixels.</param>
/// <param name="Image">Side of the input, pixels.</param>
internal sealed record TimmTransformer(
    TimmFamily Family, int Patch, int Image, int Width, int Depth, int Heads, double MlpRatio, bool TanhGelu = false)
{
    private static readonly Dictionary<string, (int Width, int Depth, int Heads, double MlpRatio)> SiglipSizes = new()
    {
        ["base"] = (768, 12, 12, 4), ["large"] = (1024, 24, 16, 4), ["so400m"] = (1152, 27, 16, 3.7362), ["giantopt"] = (1536, 40, 16, 4),
    };

    // Size, patch, image, and whether SigLIP 2 gave it the approximate GELU.
    private static readonly (string Size, int Patch, int Image, bool TanhGelu)[] Siglip =
    [
        ("base", 32, 256, true), ("base", 16, 224, false), ("base", 16, 256, false), ("base", 16, 384, false), ("base", 16, 512, false),
        ("large", 16, 256, false), ("large", 16, 384, false), ("large", 16, 512, true),
        ("so400m", 14, 224, false), ("so400m", 14, 378, false), ("so400m", 14, 384, false),
        ("so400m", 16, 256, true), ("so400m", 16, 384, true), ("so400m", 16, 512, true),
        ("giantopt", 16, 256, true), ("giantopt", 16, 384, true),
    ];

    private const double SwiGluRatio = 4 * 2 / 3.0; // three matrices instead of two

    public static IReadOnlyDictionary<string, TimmTransformer> All { get; } = new Dictionary<string, TimmTransformer>(
        Siglip.Select(item => KeyValuePair.Create($"vit_{item.Size}_patch{item.Patch}_siglip_{item.Image}", OfSiglip(item))))
    {
        ["eva02_base_patch16_clip_224"] = new(TimmFamily.Eva02, 16, 224, 768, 12, 12, SwiGluRatio),
        ["eva02_large_patch14_clip_224"] = new(TimmFamily.Eva02, 14, 224, 1024, 24, 16, SwiGluRatio),
        ["eva02_large_patch14_clip_336"] = new(TimmFamily.Eva02, 14, 336, 1024, 24, 16, SwiGluRatio),
    };

    /// <summary>The pooling that the family is built with.</summary>
    public string Pool => Family == TimmFamily.Siglip ? "map" : "token";

    private static TimmTransformer OfSiglip((string Size, int Patch, int Image, bool TanhGelu) item)
    {
        var (width, depth, heads, ratio) = SiglipSizes[item.Size];
        return new TimmTransformer(TimmFamily.Siglip, item.Patch, item.Image, width, depth, heads, ratio, item.TanhGelu);
    }
}
