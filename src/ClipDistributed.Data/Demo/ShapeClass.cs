namespace ClipDistributed.Data.Demo;

/// <summary>One colour with one form: what the zero-shot classifier has to name.</summary>
/// <param name="Label">Line of the class in classes.txt, from 0.</param>
/// <param name="Colour">What it is filled with.</param>
/// <param name="Form">Its outline.</param>
/// <param name="HeldOut">True if training never shows or names it.</param>
public sealed record ShapeClass(int Label, ShapeColour Colour, ShapeForm Form, bool HeldOut)
{
    /// <summary>Such as "red circle".</summary>
    public string Name { get; } = $"{Colour.Name} {Form.ToString().ToLowerInvariant()}";

    /// <summary>Such as "red crosses".</summary>
    public string Plural => Form is ShapeForm.Cross ? $"{Name}es" : $"{Name}s";

    public override string ToString() => Name;
}
