namespace ClipDistributed.Data.Demo;

/// <summary>
/// The 96 classes of the demo data, and the 24 of them that training never shows. Which these are does not depend on the
/// seed, so runs on differently seeded data can be compared.
/// </summary>
public static class ShapesVocabulary
{
    /// <summary>Colours that stay apart at 32 pixels and after a little jitter.</summary>
    public static IReadOnlyList<ShapeColour> Colours { get; } =
    [
        new("red", 222, 32, 38), new("green", 36, 158, 58), new("blue", 38, 76, 224), new("yellow", 252, 218, 28),
        new("orange", 252, 132, 16), new("purple", 124, 44, 176), new("pink", 255, 136, 190), new("brown", 124, 72, 34),
        new("black", 18, 18, 20), new("white", 250, 250, 250), new("gray", 132, 132, 134), new("cyan", 40, 208, 226),
    ];

    public static IReadOnlyList<ShapeForm> Forms { get; } = Enum.GetValues<ShapeForm>();

    // Balanced: every colour loses two forms and every form three colours, and no two colours lose the same two.
    private static readonly Dictionary<string, (ShapeForm, ShapeForm)> HeldOutForms = new()
    {
        ["red"] = (ShapeForm.Star, ShapeForm.Moon),
        ["green"] = (ShapeForm.Circle, ShapeForm.Heart),
        ["blue"] = (ShapeForm.Triangle, ShapeForm.Cross),
        ["yellow"] = (ShapeForm.Square, ShapeForm.Ring),
        ["orange"] = (ShapeForm.Circle, ShapeForm.Cross),
        ["purple"] = (ShapeForm.Star, ShapeForm.Square),
        ["pink"] = (ShapeForm.Triangle, ShapeForm.Moon),
        ["brown"] = (ShapeForm.Heart, ShapeForm.Ring),
        ["black"] = (ShapeForm.Star, ShapeForm.Cross),
        ["white"] = (ShapeForm.Circle, ShapeForm.Triangle),
        ["gray"] = (ShapeForm.Square, ShapeForm.Moon),
        ["cyan"] = (ShapeForm.Heart, ShapeForm.Ring),
    };

    /// <summary>All classes; the position is the label.</summary>
    public static IReadOnlyList<ShapeClass> Classes { get; } =
    [
        .. Colours.SelectMany(colour => Forms, (colour, form) => (colour, form))
            .Select((pair, label) => new ShapeClass(label, pair.colour, pair.form, IsHeldOut(pair.colour, pair.form))),
    ];

    /// <summary>The classes that training shows.</summary>
    public static IReadOnlyList<ShapeClass> Seen { get; } = [.. Classes.Where(c => !c.HeldOut)];

    /// <summary>The classes that training neither draws nor names; each colour and each form is known from other classes.</summary>
    public static IReadOnlyList<ShapeClass> Unseen { get; } = [.. Classes.Where(c => c.HeldOut)];

    private static bool IsHeldOut(ShapeColour colour, ShapeForm form) =>
        HeldOutForms[colour.Name] is var (first, second) && (form == first || form == second);
}
