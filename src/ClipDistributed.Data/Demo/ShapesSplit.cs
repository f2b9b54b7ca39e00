namespace ClipDistributed.Data.Demo;

/// <summary>The three parts of the demo data; the number is part of what a scene's random numbers are drawn from.</summary>
public enum ShapesSplit : uint
{
    /// <summary>Scenes of seen classes, with one kind or two.</summary>
    Train = 0,

    /// <summary>Validation scenes with one kind, of classes that training shows.</summary>
    Seen = 1,

    /// <summary>Validation scenes with one kind, of classes that training never shows.</summary>
    Unseen = 2,
}
