using System.Runtime.InteropServices;
using SkiaSharp;

namespace ClipDistributed.Data.Demo;

/// <summary>Draws scenes. Thread-safe: every call has a picture of its own.</summary>
/// <param name="seed">Seed of the textures.</param>
/// <param name="side">Width and height of the images in pixels.</param>
public sealed class SceneRenderer(ulong seed, int side)
{
    // No filter and the fastest level: flat colours compress well anyway, and 24,000 images are to be written in seconds.
    private static readonly SKPngEncoderOptions Png = new(SKPngEncoderFilterFlags.Sub, zLibLevel: 1);

    /// <summary>The scene as an RGB PNG.</summary>
    public byte[] Render(Scene scene, ShapesSplit split, int index)
    {
        var info = new SKImageInfo(side, side, SKColorType.Rgba8888, SKAlphaType.Opaque);
        using var bitmap = new SKBitmap(info);
        var texture = DemoRandom.For(seed, split, index, SceneAspect.Texture);
        BackdropPainter.Paint(MemoryMarshal.AsBytes(bitmap.GetPixelSpan()), side, scene.Backdrop, ref texture);

        using (var canvas = new SKCanvas(bitmap))
        using (var paint = new SKPaint { IsAntialias = true })
        {
            foreach (var group in scene.Groups)
            {
                using var outline = ShapeOutlines.Create(group.Kind.Form);
                paint.Color = new SKColor(group.Fill.Red, group.Fill.Green, group.Fill.Blue);
                foreach (var copy in group.Copies)
                {
                    canvas.ResetMatrix();
                    canvas.Translate(copy.X * side, copy.Y * side);
                    canvas.RotateDegrees(copy.Degrees);
                    canvas.Scale(copy.Extent * side);
                    canvas.DrawPath(outline, paint);
                }
            }
        }

        using var pixels = bitmap.PeekPixels();
        using var png = pixels.Encode(Png)
            ?? throw new InvalidOperationException($"A {side} x {side} picture could not be encoded as PNG.");
        return png.ToArray();
    }
}
