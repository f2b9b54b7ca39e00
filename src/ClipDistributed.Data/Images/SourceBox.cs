namespace ClipDistributed.Data.Images;

/// <summary>
/// A rectangle of the source in fractions of pixels, as the <c>box</c> of Pillow's resize. Filters may read pixels outside of it.
/// </summary>
public readonly record struct SourceBox(float Left, float Top, float Right, float Bottom);
