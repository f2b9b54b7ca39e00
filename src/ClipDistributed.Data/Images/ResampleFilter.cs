namespace ClipDistributed.Data.Images;

/// <summary>The kernel of a resize; when an image shrinks, its support is widened by the scale (antialiasing).</summary>
public enum ResampleFilter
{
    /// <summary>Cubic convolution with a = −0.5, support 2 (Keys 1981); the one that CLIP uses.</summary>
    Bicubic = 0,

    /// <summary>A triangle, support 1.</summary>
    Bilinear = 1,

    /// <summary>The pixel under the centre of the result's; never widened. What Pillow does to palettes and to black-and-white.</summary>
    Nearest = 2,
}
