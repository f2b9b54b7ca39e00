namespace ClipDistributed.Data.Demo;

/// <summary>A named colour in sRGB, 0 to 255 a channel.</summary>
public sealed record ShapeColour(string Name, byte Red, byte Green, byte Blue);
