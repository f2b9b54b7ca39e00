using ClipDistributed.Data.Images;
using SkiaSharp;

namespace ClipDistributed.Reporting.Pictures;

/// <summary>Many small images, as the model sees them, with their captions in one picture.</summary>
public static class ContactSheet
{
    private const int Thumbnail = 136, Gap = 16, Lines = 3, LineHeight = 15;

    /// <param name="title">Heading of the sheet.</param>
    /// <param name="items">Encoded images (null or damaged ones get a crossed box) and captions.</param>
    /// <param name="columns">Images in a row, at least 1.</param>
    /// <param name="theme">Its colours.</param>
    /// <exception cref="Contracts.Errors.BadInputException">The font is not installed.</exception>
    public static Picture Render(string title, IReadOnlyList<(byte[]? Image, string? Caption)> items, int columns, ReportTheme theme)
    {
        var font = ReportFont.Load();
        columns = Math.Clamp(items.Count, 1, columns);
        const int cellHeight = Thumbnail + 8 + Lines * LineHeight + Gap, heading = 34;
        int rows = (items.Count + columns - 1) / columns;
        int width = Gap + columns * (Thumbnail + Gap);
        return Picture.Draw(title, width, Gap + heading + rows * cellHeight, theme.Ground, canvas =>
        {
            using var ink = new SKPaint { Color = theme.Ink, IsAntialias = true };
            using var large = font.Sized(16, isBold: true);
            using var small = font.Sized(11.5f);
            canvas.DrawText(Lettering.Fit(large, title, width - 2 * Gap), Gap, Gap + 16, large, ink);
            for (int i = 0; i < items.Count; i++)
            {
                float left = Gap + i % columns * (Thumbnail + Gap), top = Gap + heading + i / columns * cellHeight;
                var box = SKRect.Create(left, top, Thumbnail, Thumbnail);
                DrawImage(canvas, items[i].Image, box, theme);
                float line = box.Bottom + 8 + 11;
                foreach (string text in Lettering.Wrap(small, items[i].Caption ?? "(no caption)", Thumbnail, Lines))
                {
                    canvas.DrawText(text, box.Left, line, small, ink);
                    line += LineHeight;
                }
            }
        });
    }

    private static void DrawImage(SKCanvas canvas, byte[]? image, SKRect box, ReportTheme theme)
    {
        using var frame = new SKPaint { Color = theme.Line, Style = SKPaintStyle.Stroke, StrokeWidth = 1, IsAntialias = true };
        if (Seen(image) is { } pixels)
        {
            Picture.Place(canvas, pixels, box);
        }
        else
        {
            frame.Color = theme.Alarm;
            canvas.DrawLine(box.Left, box.Top, box.Right, box.Bottom, frame);
            canvas.DrawLine(box.Left, box.Bottom, box.Right, box.Top, frame);
        }
        canvas.DrawRect(box, frame);
    }

    /// <summary>What training sees: without alpha, not turned. Null: a damaged image.</summary>
    private static RgbImage? Seen(byte[]? image)
    {
        try
        {
            return image is null ? null : ImageDecoder.Decode(image, ImageDecoder.MaxPixels);
        }
        catch (DamagedImageException)
        {
            return null;
        }
    }
}
