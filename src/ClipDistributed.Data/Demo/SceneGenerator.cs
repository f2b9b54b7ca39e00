using ClipDistributed.Data.Streams;

namespace ClipDistributed.Data.Demo;

/// <summary>Invents scenes. A scene is a pure function of the seed, the split and its index.</summary>
public sealed class SceneGenerator(ulong seed)
{
    private const double ShareOfPairs = 0.16, ShareOfOnes = 0.76, ShareOfTwos = 0.14;
    private const float MaxTurn = 10;
    private const double LightnessJitter = 9, HueJitter = 4;

    // Extents by number of copies (1, 2, 3) and size word. The smallest is about 11 pixels of 32.
    private static readonly (double Low, double High)[][] Extents =
    [
        [(0.44, 0.50), (0.56, 0.65), (0.74, 0.84)],
        [(0.36, 0.38), (0.40, 0.42), (0.44, 0.46)],
        [(0.35, 0.37), (0.39, 0.41), (0.42, 0.44)],
    ];

    private static readonly SizeName[] Sizes = Enum.GetValues<SizeName>();
    private static readonly Place[] Places = Enum.GetValues<Place>();
    private static readonly Place[] PlacesOfLarge = [Place.Anywhere, Place.Middle]; // they nearly fill the image
    private static readonly Texture[] Textures = Enum.GetValues<Texture>();
    private static readonly Relation[] Relations = Enum.GetValues<Relation>();

    // For each colour of a shape, the backdrops it is easy to see on.
    private static readonly Dictionary<ShapeColour, ShapeColour[]> BackdropsOf = ShapesVocabulary.Colours.ToDictionary(
        colour => colour,
        colour => Backdrop.Colours.Where(behind => Backdrop.Contrast(colour, behind) >= Backdrop.MinContrast).ToArray());

    /// <summary>The scene of one row. Validation rows take the classes of their split in turn, so each has equally many.</summary>
    public Scene Generate(ShapesSplit split, int index)
    {
        var random = DemoRandom.For(seed, split, index, SceneAspect.Layout);
        return split switch
        {
            ShapesSplit.Train when random.Chance(ShareOfPairs) => TwoKinds(ref random),
            ShapesSplit.Train => OneKind(ref random, random.Pick(ShapesVocabulary.Seen), maxCopies: 3),
            // The classifier's prompts speak of one shape; a model that can count rightly finds three of them unlike "a red circle".
            _ => OneKind(ref random, ClassOf(split, index), maxCopies: 2),
        };
    }

    /// <summary>The class of a validation row.</summary>
    public static ShapeClass ClassOf(ShapesSplit split, int index)
    {
        var classes = split is ShapesSplit.Unseen ? ShapesVocabulary.Unseen : ShapesVocabulary.Seen;
        return classes[index % classes.Count];
    }

    private static Scene OneKind(ref PhiloxSequence random, ShapeClass kind, int maxCopies)
    {
        double share = random.NextDouble() * (maxCopies == 3 ? 1 : ShareOfOnes + ShareOfTwos);
        int count = share < ShareOfOnes ? 1 : share < ShareOfOnes + ShareOfTwos ? 2 : 3;
        var size = random.Pick(Sizes);
        var place = count > 1 ? Place.Anywhere : random.Pick(size is SizeName.Large ? PlacesOfLarge : Places);
        var extents = new float[count];
        for (int i = 0; i < count; i++)
            extents[i] = Extent(ref random, count, size);

        var centres = count switch
        {
            1 => [SceneLayout.One(ref random, place, extents[0])],
            2 => SceneLayout.Two(ref random, random.Pick(Relations), extents.Max()),
            _ => SceneLayout.Three(ref random, extents.Max()),
        };
        var group = new ShapeGroup(kind, size, place, Jitter(ref random, kind.Colour), Turned(ref random, centres, extents));
        return new Scene(BackdropFor(ref random, BackdropsOf[kind.Colour]), [group], Relation.None);
    }

    private static Scene TwoKinds(ref PhiloxSequence random)
    {
        var first = random.Pick(ShapesVocabulary.Seen);
        var second = random.Pick(ShapesVocabulary.Seen);
        var backdrops = BackdropsOf[first.Colour].Intersect(BackdropsOf[second.Colour]).ToArray();
        while (second == first || backdrops.Length == 0)
        {
            second = random.Pick(ShapesVocabulary.Seen);
            backdrops = BackdropsOf[first.Colour].Intersect(BackdropsOf[second.Colour]).ToArray();
        }

        var relation = random.Pick(Relations);
        var sizes = new[] { random.Pick(Sizes), random.Pick(Sizes) };
        var extents = new[] { Extent(ref random, 2, sizes[0]), Extent(ref random, 2, sizes[1]) };
        var copies = Turned(ref random, SceneLayout.Two(ref random, relation, extents.Max()), extents);
        return new Scene(
            BackdropFor(ref random, backdrops),
            [
                new ShapeGroup(first, sizes[0], Place.Anywhere, Jitter(ref random, first.Colour), [copies[0]]),
                new ShapeGroup(second, sizes[1], Place.Anywhere, Jitter(ref random, second.Colour), [copies[1]]),
            ],
            relation);
    }

    private static float Extent(ref PhiloxSequence random, int count, SizeName size)
    {
        var (low, high) = Extents[count - 1][(int)size];
        return random.Between(low, high);
    }

    private static Placement[] Turned(ref PhiloxSequence random, (float X, float Y)[] centres, float[] extents)
    {
        var copies = new Placement[centres.Length];
        for (int i = 0; i < copies.Length; i++)
            copies[i] = new Placement(centres[i].X, centres[i].Y, extents[i], random.Between(-MaxTurn, MaxTurn));
        return copies;
    }

    private static Backdrop BackdropFor(ref PhiloxSequence random, IReadOnlyList<ShapeColour> colours) =>
        new(random.Pick(colours), random.Pick(Textures), random.Between(4, 11));

    private static ShapeColour Jitter(ref PhiloxSequence random, ShapeColour colour)
    {
        float lightness = random.Between(-LightnessJitter, LightnessJitter);
        return colour with
        {
            Red = Near(ref random, colour.Red + lightness),
            Green = Near(ref random, colour.Green + lightness),
            Blue = Near(ref random, colour.Blue + lightness),
        };
    }

    private static byte Near(ref PhiloxSequence random, float level) =>
        (byte)Math.Clamp(MathF.Round(level + random.Between(-HueJitter, HueJitter)), 0, 255);
}
