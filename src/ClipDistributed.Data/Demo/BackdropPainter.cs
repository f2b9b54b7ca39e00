using ClipDistributed.Data.Streams;

namespace ClipDistributed.Data.Demo;

/// <summary>
/// Fills a picture with a backdrop. Written out here rather than with the drawing library's gradients and noise, whose
/// rounding depends on the processor: these pixels are the same everywhere.
/// </summary>
internal static class BackdropPainter
{
    private const int Cells = 4; // lattice cells of the clouds along a side

    /// <param name="pixels">RGBA, 8 bits a channel, side · side pixels, rows from the top.</param>
    /// <param name="side">Width and height in pixels.</param>
    /// <param name="backdrop">What to paint.</param>
    /// <param name="random">Draws of this scene's texture.</param>
    public static void Paint(Span<byte> pixels, int side, Backdrop backdrop, ref PhiloxSequence random)
    {
        float turn = random.Between(0, 2 * Math.PI);
        float dx = MathF.Cos(turn), dy = MathF.Sin(turn);
        float bands = random.Between(3.5, 7);
        Span<float> lattice = stackalloc float[(Cells + 1) * (Cells + 1)];
        if (backdrop.Texture is Texture.Clouds)
            foreach (ref float corner in lattice)
                corner = random.Between(-1, 1);

        for (int row = 0; row < side; row++)
        {
            float y = (row + 0.5f) / side;
            for (int column = 0; column < side; column++)
            {
                float x = (column + 0.5f) / side;
                float along = (x - 0.5f) * dx + (y - 0.5f) * dy; // −0.71 to 0.71
                float wave = backdrop.Texture switch
                {
                    Texture.Gradient => 1.7f * along,
                    Texture.Stripes => 0.8f * Wave(along * bands),
                    Texture.Clouds => 1.3f * Clouds(lattice, x, y),
                    Texture.Grain => 0.8f * random.Between(-1, 1),
                    _ => 0,
                };
                int shift = (int)MathF.Round(wave * backdrop.Strength);
                var pixel = pixels.Slice(4 * (row * side + column), 4);
                pixel[0] = Shifted(backdrop.Colour.Red, shift);
                pixel[1] = Shifted(backdrop.Colour.Green, shift);
                pixel[2] = Shifted(backdrop.Colour.Blue, shift);
                pixel[3] = 255;
            }
        }
    }

    // A smooth wave of period 1 between −1 and 1 made of two parabolas.
    private static float Wave(float t)
    {
        float phase = t - MathF.Floor(t); // 0 to 1
        float half = phase < 0.5f ? phase : phase - 0.5f;
        float arch = 16 * half * (0.5f - half); // 0 to 1
        return phase < 0.5f ? arch : -arch;
    }

    // Corner values blended with smoothstep, so that no cell borders show.
    private static float Clouds(ReadOnlySpan<float> lattice, float x, float y)
    {
        int column = Math.Min((int)(x * Cells), Cells - 1), row = Math.Min((int)(y * Cells), Cells - 1);
        float u = Smooth(x * Cells - column), v = Smooth(y * Cells - row);
        int corner = row * (Cells + 1) + column;
        float top = lattice[corner] + u * (lattice[corner + 1] - lattice[corner]);
        float bottom = lattice[corner + Cells + 1] + u * (lattice[corner + Cells + 2] - lattice[corner + Cells + 1]);
        return top + v * (bottom - top);
    }

    private static float Smooth(float t) => t * t * (3 - 2 * t);

    private static byte Shifted(byte level, int shift) => (byte)Math.Clamp(level + shift, 0, 255);
}
