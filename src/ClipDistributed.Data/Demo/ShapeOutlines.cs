using SkiaSharp;

namespace ClipDistributed.Data.Demo;

/// <summary>
/// The forms around the origin, y downwards, in a box of about one by one. Proportions are bold, so that a shape of ten
/// pixels is still distinct from the others.
/// </summary>
internal static class ShapeOutlines
{
    public static SKPath Create(ShapeForm form) => form switch
    {
        ShapeForm.Circle => Circle(0.48f),
        ShapeForm.Square => Polygon((-0.43f, -0.43f), (0.43f, -0.43f), (0.43f, 0.43f), (-0.43f, 0.43f)),
        ShapeForm.Triangle => Polygon((0, -0.48f), (0.52f, 0.42f), (-0.52f, 0.42f)),
        ShapeForm.Star => Star(points: 5, outer: 0.54f, inner: 0.235f),
        ShapeForm.Heart => Heart(),
        ShapeForm.Cross => Cross(arm: 0.49f, half: 0.165f),
        ShapeForm.Ring => Ring(outer: 0.5f, inner: 0.27f),
        ShapeForm.Moon => Moon(),
        _ => throw new ArgumentOutOfRangeException(nameof(form), form, "has no outline"),
    };

    private static SKPath Circle(float radius)
    {
        var path = new SKPath();
        path.AddCircle(0, 0, radius);
        return path;
    }

    private static SKPath Ring(float outer, float inner)
    {
        var path = Circle(outer);
        path.AddCircle(0, 0, inner);
        path.FillType = SKPathFillType.EvenOdd;
        return path;
    }

    private static SKPath Polygon(params ReadOnlySpan<(float X, float Y)> corners)
    {
        var path = new SKPath();
        path.MoveTo(corners[0].X, corners[0].Y);
        foreach (var (x, y) in corners[1..])
            path.LineTo(x, y);
        path.Close();
        return path;
    }

    private static SKPath Star(int points, float outer, float inner)
    {
        var corners = new (float, float)[2 * points];
        for (int i = 0; i < corners.Length; i++)
        {
            float radius = i % 2 == 0 ? outer : inner;
            var (sin, cos) = MathF.SinCos(MathF.PI * i / points);
            corners[i] = (radius * sin, 0.03f - radius * cos);
        }
        return Polygon(corners);
    }

    private static SKPath Cross(float arm, float half) => Polygon(
        (-half, -arm), (half, -arm), (half, -half), (arm, -half), (arm, half), (half, half),
        (half, arm), (-half, arm), (-half, half), (-arm, half), (-arm, -half), (-half, -half));

    private static SKPath Heart()
    {
        var path = new SKPath();
        path.MoveTo(0, 0.48f);
        path.CubicTo(-0.30f, 0.24f, -0.53f, 0.06f, -0.53f, -0.18f);
        path.CubicTo(-0.53f, -0.52f, -0.10f, -0.56f, 0, -0.22f);
        path.CubicTo(0.10f, -0.56f, 0.53f, -0.52f, 0.53f, -0.18f);
        path.CubicTo(0.53f, 0.06f, 0.30f, 0.24f, 0, 0.48f);
        path.Close();
        return path;
    }

    // A crescent open to the upper right: the disc's far side, and back along the bite's edge.
    private static SKPath Moon()
    {
        var path = new SKPath();
        path.MoveTo(-0.05f, -0.4975f);
        path.ArcTo(0.5f, 0.5f, 0, SKPathArcSize.Large, SKPathDirection.CounterClockwise, 0.4785f, 0.145f);
        path.ArcTo(0.42f, 0.42f, 0, SKPathArcSize.Large, SKPathDirection.Clockwise, -0.05f, -0.4975f);
        path.Close();
        return path;
    }
}
