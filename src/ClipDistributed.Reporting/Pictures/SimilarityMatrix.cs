using System.Globalization;
using ClipDistributed.Contracts.Runs;
using ClipDistributed.Reporting.Runs;
using ScottPlot.Colormaps;
using SkiaSharp;

namespace ClipDistributed.Reporting.Pictures;

/// <summary>
/// The cosine of every caption with every image of a probe batch: images along the top, captions down the left, each true
/// pair framed. After training the diagonal stands out.
/// </summary>
public static class SimilarityMatrix
{
    private const float Cell = 62, Margin = 16, Words = 232, Gap = 10, Heading = 30, Scale = 46;
    private static readonly Viridis Colours = new(); // perceptually uniform, also readable in grey

    /// <exception cref="Contracts.Errors.BadInputException">The font is not installed.</exception>
    public static Picture Render(SimilarityProbe probe, ReportTheme theme)
    {
        var style = PictureStyle.Load(theme);
        var font = style.Font;
        int rows = probe.Captions.Count, columns = probe.ImagesPng.Count;
        float left = Margin + Words + Gap, top = Margin + Heading + Cell + Gap;
        int width = (int)(left + columns * Cell + Margin), height = (int)(top + rows * Cell + Scale + Margin);
        var values = probe.Similarity.SelectMany(row => row).Where(double.IsFinite).DefaultIfEmpty(0).ToArray();
        var range = new ValueRange(Math.Min(0, values.Min()), Math.Max(0.1, values.Max()));

        return Picture.Draw("Similarity of captions and images", width, height, theme.Ground, canvas =>
        {
            using var ink = new SKPaint { Color = theme.Ink, IsAntialias = true };
            using var heading = font.Sized(16, isBold: true);
            canvas.DrawText("Cosine similarity of captions and images", Margin, Margin + 16, heading, ink);
            for (int column = 0; column < columns; column++)
            {
                var box = SKRect.Create(left + column * Cell + 3, Margin + Heading + 3, Cell - 6, Cell - 6);
                DrawThumbnail(canvas, probe.ImagesPng[column], box, theme);
            }
            for (int row = 0; row < rows; row++)
            {
                DrawCaption(canvas, probe.Captions[row], Margin + Words, top + row * Cell + Cell / 2, font, ink);
                double best = probe.Similarity[row].Where(double.IsFinite).DefaultIfEmpty(double.NaN).Max();
                for (int column = 0; column < columns; column++)
                {
                    double value = probe.Similarity[row][column];
                    var box = SKRect.Create(left + column * Cell + 1, top + row * Cell + 1, Cell - 2, Cell - 2);
                    DrawCell(canvas, box, new Cosine(value, IsBest: value == best), range, style);
                }
            }
            for (int pair = 0; pair < Math.Min(rows, columns); pair++)
                Frame(canvas, SKRect.Create(left + pair * Cell, top + pair * Cell, Cell, Cell), theme.Ink, 2.2f);
            DrawScale(canvas, SKRect.Create(left, top + rows * Cell + 14, Math.Min(columns * Cell, 4 * Cell), 12), range, style);
        });
    }

    private static void DrawThumbnail(SKCanvas canvas, byte[] png, SKRect box, ReportTheme theme)
    {
        if (!Picture.Place(canvas, png, box))
            Frame(canvas, box, theme.Alarm, 1.5f);
        Frame(canvas, box, theme.Line, 1);
    }

    private static void DrawCaption(SKCanvas canvas, string caption, float right, float middle, ReportFont font, SKPaint ink)
    {
        using var size = font.Sized(13.5f);
        var lines = Lettering.Wrap(size, caption, Words, lines: 3);
        float line = middle - 8.5f * (lines.Count - 1) + 5;
        foreach (string text in lines)
        {
            canvas.DrawText(text, right, line, SKTextAlign.Right, size, ink);
            line += 17;
        }
    }

    private static void DrawCell(SKCanvas canvas, SKRect box, Cosine cosine, ValueRange range, PictureStyle style)
    {
        bool isFinite = double.IsFinite(cosine.Value);
        var colour = isFinite ? ColourOf(range.Share(cosine.Value)) : style.Theme.Line;
        using var fill = new SKPaint { Color = colour };
        canvas.DrawRect(box, fill);
        using var size = style.Font.Sized(14.5f, cosine.IsBest);
        using var ink = new SKPaint { Color = InkOn(colour), IsAntialias = true };
        canvas.DrawText(isFinite ? Rounded(cosine.Value) : "NaN", box.MidX, box.MidY + 5, SKTextAlign.Center, size, ink);
    }

    private static void DrawScale(SKCanvas canvas, SKRect bar, ValueRange range, PictureStyle style)
    {
        using var paint = new SKPaint();
        int parts = (int)(bar.Width * Picture.Density);
        for (int i = 0; i < parts; i++)
        {
            paint.Color = ColourOf((i + 0.5) / parts);
            canvas.DrawRect(SKRect.Create(bar.Left + i * bar.Width / parts, bar.Top, bar.Width / parts + 0.5f, bar.Height), paint);
        }
        using var ink = new SKPaint { Color = style.Theme.Muted, IsAntialias = true };
        using var size = style.Font.Sized(12);
        canvas.DrawText(Rounded(range.Low), bar.Left, bar.Bottom + 15, size, ink);
        canvas.DrawText(Rounded(range.High), bar.Right, bar.Bottom + 15, SKTextAlign.Right, size, ink);
        canvas.DrawText("framed: true pairs", Margin + Words, bar.Bottom - 1, SKTextAlign.Right, size, ink);
        canvas.DrawText("bold: best image for a caption", Margin + Words, bar.Bottom + 15, SKTextAlign.Right, size, ink);
    }

    // Adding zero turns −0 into 0.
    private static string Rounded(double value) => (Math.Round(value, 2) + 0.0).ToString("0.00", CultureInfo.InvariantCulture);

    private static void Frame(SKCanvas canvas, SKRect box, SKColor colour, float width)
    {
        using var line = new SKPaint { Color = colour, Style = SKPaintStyle.Stroke, StrokeWidth = width, IsAntialias = true };
        canvas.DrawRect(box, line);
    }

    private static SKColor ColourOf(double share)
    {
        var colour = Colours.GetColor(share);
        return new SKColor(colour.R, colour.G, colour.B);
    }

    // Black or white, whichever has the larger contrast (relative luminance of WCAG 2, with gamma 2.2).
    private static SKColor InkOn(SKColor colour)
    {
        double luminance =
            0.2126 * Math.Pow(colour.Red / 255.0, 2.2)
            + 0.7152 * Math.Pow(colour.Green / 255.0, 2.2)
            + 0.0722 * Math.Pow(colour.Blue / 255.0, 2.2);
        return luminance > 0.18 ? SKColors.Black : SKColors.White;
    }

    /// <param name="IsBest">Of its row.</param>
    private readonly record struct Cosine(double Value, bool IsBest);

    private readonly record struct ValueRange(double Low, double High)
    {
        public double Share(double value) => (value - Low) / (High - Low);
    }
}
