namespace ClipDistributed.Data.Demo;

/// <summary>What lies behind the shapes.</summary>
/// <param name="Colour">Base colour; its name is the word a caption may use.</param>
/// <param name="Texture">How the base colour varies.</param>
/// <param name="Strength">Largest deviation from the base colour, in levels of 0 to 255.</param>
public sealed record Backdrop(ShapeColour Colour, Texture Texture, float Strength)
{
    /// <summary>
    /// Backdrops to choose from. Tints share the words "light" and "dark", so that no caption names a hue it does not mean.
    /// </summary>
    public static IReadOnlyList<ShapeColour> Colours { get; } =
    [
        new("white", 246, 246, 246), new("black", 20, 20, 22), new("gray", 158, 158, 160),
        new("light", 250, 240, 216), new("light", 212, 230, 248), new("light", 218, 240, 218), new("light", 238, 226, 244),
        new("light", 255, 228, 212),
        new("dark", 26, 34, 66), new("dark", 20, 50, 40), new("dark", 58, 26, 36), new("dark", 56, 58, 64),
        new("dark", 30, 62, 82), new("dark", 62, 40, 78),
    ];

    /// <summary>Difference in OKLab (Ottosson 2020; about 0 to 1) from which a shape is easy to see on a backdrop.</summary>
    public const double MinContrast = 0.22;

    /// <summary>Distance of two sRGB colours in OKLab, from 0 (equal) to 1 (black and white).</summary>
    public static double Contrast(ShapeColour a, ShapeColour b)
    {
        var (l1, a1, b1) = ToOklab(a);
        var (l2, a2, b2) = ToOklab(b);
        return Math.Sqrt((l1 - l2) * (l1 - l2) + (a1 - a2) * (a1 - a2) + (b1 - b2) * (b1 - b2));
    }

    private static (double L, double A, double B) ToOklab(ShapeColour colour)
    {
        double r = Linear(colour.Red), g = Linear(colour.Green), b = Linear(colour.Blue);
        double l = Math.Cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b);
        double m = Math.Cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b);
        double s = Math.Cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b);
        return (
            0.2104542553 * l + 0.7936177850 * m - 0.0040720468 * s,
            1.9779984951 * l - 2.4285922050 * m + 0.4505937099 * s,
            0.0259040371 * l + 0.7827717662 * m - 0.8086757660 * s);
    }

    private static double Linear(byte level)
    {
        double v = level / 255.0;
        return v <= 0.04045 ? v / 12.92 : Math.Pow((v + 0.055) / 1.055, 2.4);
    }
}

/// <summary>How a backdrop varies over the image.</summary>
public enum Texture
{
    Plain,
    Gradient,
    Clouds,
    Stripes,
    Grain,
}
