using ClipDistributed.Contracts.Errors;
using SkiaSharp;

namespace ClipDistributed.Reporting.Pictures;

/// <summary>
/// The typeface of all pictures, DejaVu Sans. Where it is missing the drawing libraries would leave text out without a word,
/// so it is looked for first.
/// </summary>
public sealed class ReportFont
{
    private const string Family = "DejaVu Sans";

    private static readonly string[] Folders =
    [
        "/usr/share/fonts/truetype/dejavu", "/usr/share/fonts/dejavu", "/usr/share/fonts/dejavu-sans-fonts", "/usr/share/fonts/TTF",
        "/usr/local/share/fonts",
    ];

    private static readonly Lazy<ReportFont> Installed = new(() => Find(Folders), LazyThreadSafetyMode.PublicationOnly);

    private readonly SKTypeface regular, bold;

    private ReportFont(string folder)
    {
        string regularFile = Path.Combine(folder, "DejaVuSans.ttf"), boldFile = Path.Combine(folder, "DejaVuSans-Bold.ttf");
        regular = SKTypeface.FromFile(regularFile);
        bold = SKTypeface.FromFile(boldFile);
        ScottPlot.Fonts.AddFontFile(Family, regularFile);
        ScottPlot.Fonts.AddFontFile(Family, boldFile, bold: true);
    }

    /// <summary>The name that charts know it by.</summary>
    public string Name => Family;

    /// <exception cref="BadInputException">The font is not installed.</exception>
    public static ReportFont Load() => Installed.Value;

    /// <summary>The font of a size in pixels; dispose it.</summary>
    public SKFont Sized(float pixels, bool isBold = false) =>
        new(isBold ? bold : regular, pixels) { Subpixel = true, Edging = SKFontEdging.Antialias };

    internal static ReportFont Find(IEnumerable<string> folders)
    {
        string[] tried = [.. folders];
        string? found = tried.FirstOrDefault(folder =>
            File.Exists(Path.Combine(folder, "DejaVuSans.ttf")) && File.Exists(Path.Combine(folder, "DejaVuSans-Bold.ttf")));
        return found is null
            ? throw new BadInputException(
                $"Pictures need the font DejaVu Sans, which is in none of {string.Join(", ", tried)}. Install it: apt-get install "
                    + $"fonts-dejavu-core."
            )
            : new ReportFont(found);
    }
}
