namespace ClipDistributed.Data.Demo;

/// <summary>What one image shows. Lengths and positions are fractions of the image's side, y downwards.</summary>
/// <param name="Backdrop">What lies behind the shapes.</param>
/// <param name="Groups">One kind, or two kinds with one copy each.</param>
/// <param name="Relation">How the first of two kinds lies to the second.</param>
public sealed record Scene(Backdrop Backdrop, IReadOnlyList<ShapeGroup> Groups, Relation Relation);

/// <summary>All copies of one kind.</summary>
/// <param name="Kind">What is drawn.</param>
/// <param name="Size">The word for the size.</param>
/// <param name="Place">Where a single copy lies, if that can be said.</param>
/// <param name="Fill">The kind's colour after a small jitter.</param>
/// <param name="Copies">One to three.</param>
public sealed record ShapeGroup(ShapeClass Kind, SizeName Size, Place Place, ShapeColour Fill, IReadOnlyList<Placement> Copies);

/// <summary>One drawn shape: its centre, its extent (about the longer side of its box), and its turn in degrees.</summary>
public readonly record struct Placement(float X, float Y, float Extent, float Degrees);

public enum SizeName
{
    Small,
    Medium,
    Large,
}

public enum Place
{
    Anywhere,
    Middle,
    Left,
    Right,
    Top,
    Bottom,
    TopLeft,
    TopRight,
    BottomLeft,
    BottomRight,
}

public enum Relation
{
    None,
    LeftOf,
    Above,
}
