using ClipDistributed.Data.Streams;

namespace ClipDistributed.Data.Demo;

/// <summary>
/// Says what a scene shows: lower-case English of at most twelve words. Class names are always written "colour form", and
/// never for a class that is not in the scene.
/// </summary>
public sealed class CaptionWriter(ulong seed)
{
    // {0} is "a red circle" or "two red circles"; the second form is for more than one.
    private static readonly (string One, string Many)[] Openers =
    [
        ("{0}", "{0}"),
        ("{0}", "{0}"),
        ("a photo of {0}", "a photo of {0}"),
        ("a picture of {0}", "a picture of {0}"),
        ("an image of {0}", "an image of {0}"),
        ("a drawing of {0}", "a drawing of {0}"),
        ("there is {0}", "there are {0}"),
        ("this is {0}", "these are {0}"),
        ("here is {0}", "here are {0}"),
    ];

    private static readonly string[] PairOpeners = ["{0}", "{0}", "a photo of {0}", "a picture of {0}", "there is {0}"];
    private static readonly string[] Numbers = ["a", "two", "three"];

    /// <summary>The caption of a scene; a pure function of the scene, the seed, the split and the index.</summary>
    public string Write(Scene scene, ShapesSplit split, int index)
    {
        var random = DemoRandom.For(seed, split, index, SceneAspect.Caption);
        string text = scene.Groups.Count == 1 ? OneKind(ref random, scene) : TwoKinds(ref random, scene);
        return random.Chance(0.25) ? text + "." : text;
    }

    private static string OneKind(ref PhiloxSequence random, Scene scene)
    {
        var group = scene.Groups[0];
        var opener = random.Pick(Openers);
        string thing = Thing(ref random, group);
        string text = string.Format(null, group.Copies.Count == 1 ? opener.One : opener.Many, thing);
        if (group.Place is not Place.Anywhere && random.Chance(0.4))
            return $"{text} {Where(group.Place)}";
        return random.Chance(0.2) ? $"{text} {On(ref random, scene.Backdrop)}" : text;
    }

    private static string TwoKinds(ref PhiloxSequence random, Scene scene)
    {
        string first = WithArticle(scene.Groups[0].Kind.Name), second = WithArticle(scene.Groups[1].Kind.Name);
        string[] forms = scene.Relation switch
        {
            Relation.LeftOf => [$"{first} and {second}", $"{first} left of {second}", $"{second} right of {first}"],
            Relation.Above => [$"{first} and {second}", $"{first} above {second}", $"{second} below {first}"],
            _ => [$"{first} and {second}", $"{second} and {first}", $"{first} next to {second}"],
        };
        return string.Format(null, random.Pick(PairOpeners), random.Pick(forms));
    }

    // "a red circle", "one large red circle", "two red circles".
    private static string Thing(ref PhiloxSequence random, ShapeGroup group)
    {
        string? size = random.Chance(0.55) ? SizeWord(ref random, group.Size) : null;
        int count = group.Copies.Count;
        string name = count == 1 ? group.Kind.Name : group.Kind.Plural;
        string sized = size is null ? name : $"{size} {name}";
        if (count > 1)
            return $"{Numbers[count - 1]} {sized}";
        return random.Chance(0.12) ? $"one {sized}" : WithArticle(sized);
    }

    private static string? SizeWord(ref PhiloxSequence random, SizeName size) => size switch
    {
        SizeName.Small => random.Pick<string>(["small", "little"]),
        SizeName.Large => random.Pick<string>(["large", "big"]),
        _ => null,
    };

    private static string Where(Place place) => place switch
    {
        Place.Middle => "in the middle",
        Place.Left => "on the left",
        Place.Right => "on the right",
        Place.Top => "at the top",
        Place.Bottom => "at the bottom",
        Place.TopLeft => "in the top left corner",
        Place.TopRight => "in the top right corner",
        Place.BottomLeft => "in the bottom left corner",
        Place.BottomRight => "in the bottom right corner",
        _ => throw new ArgumentOutOfRangeException(nameof(place), place, "has no words"),
    };

    private static string On(ref PhiloxSequence random, Backdrop backdrop)
    {
        string ground = $"on a {backdrop.Colour.Name} background";
        string texture = backdrop.Texture switch
        {
            Texture.Plain => "on a plain background",
            Texture.Stripes => "on a striped background",
            _ => ground,
        };
        return random.Chance(0.3) ? texture : ground;
    }

    private static string WithArticle(string thing) => thing[0] is 'a' or 'e' or 'i' or 'o' or 'u' ? $"an {thing}" : $"a {thing}";
}
