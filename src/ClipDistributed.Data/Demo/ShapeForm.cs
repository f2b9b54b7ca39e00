namespace ClipDistributed.Data.Demo;

/// <summary>The outlines that can be drawn. The lower-case name is the word used in captions and class names.</summary>
public enum ShapeForm
{
    Circle,
    Square,
    Triangle,
    Star,
    Heart,
    Cross,
    Ring,
    Moon,
}
