using ClipDistributed.Data.Streams;

namespace ClipDistributed.Data.Demo;

/// <summary>Finds centres for one to three shapes so that none overlap or leave the image. Fractions of the side, y downwards.</summary>
internal static class SceneLayout
{
    // A turned square reaches further than its extent says; this much of the extent is kept free around the centre.
    private const float Reach = 0.54f;

    /// <summary>The centre of a single shape of this extent at a place.</summary>
    public static (float X, float Y) One(ref PhiloxSequence random, Place place, float extent)
    {
        float room = 0.5f - Reach * extent;
        var (x, y) = place switch
        {
            Place.Middle => (0, 0),
            Place.Left => (-1, 0),
            Place.Right => (1, 0),
            Place.Top => (0, -1),
            Place.Bottom => (0, 1),
            Place.TopLeft => (-1, -1),
            Place.TopRight => (1, -1),
            Place.BottomLeft => (-1, 1),
            Place.BottomRight => (1, 1),
            _ => (2, 2),
        };
        return (Along(ref random, x, room), Along(ref random, y, room));
    }

    /// <summary>Two centres: the first left of the second, above it, or on a diagonal, for shapes of at most this extent.</summary>
    public static (float X, float Y)[] Two(ref PhiloxSequence random, Relation relation, float extent)
    {
        float room = 0.5f - Reach * extent;
        float apart = random.Between(Math.Min(Reach * extent, room), room); // half of the distance along an axis
        float drift = relation is Relation.None ? apart : 0.6f * random.Between(-room, room);
        float rise = relation is Relation.None && random.Chance(0.5) ? -drift : drift;
        return relation is Relation.Above
            ? [(0.5f - rise, 0.5f - apart), (0.5f + rise, 0.5f + apart)]
            : [(0.5f - apart, 0.5f - rise), (0.5f + apart, 0.5f + rise)];
    }

    /// <summary>Three centres: two above one, one above two, or a diagonal row.</summary>
    public static (float X, float Y)[] Three(ref PhiloxSequence random, float extent)
    {
        float room = 0.5f - Reach * extent;
        float alone = 0.5f + random.Between(-0.5, 0.5) * room;
        // Neighbours in a diagonal row are √2 · room apart: too close for large shapes.
        int[] forms = MathF.Sqrt(2) * room > 1.15f * extent ? [0, 1, 2, 3] : [0, 1];
        return random.Pick(forms) switch
        {
            0 => [(0.5f - room, 0.5f - room), (0.5f + room, 0.5f - room), (alone, 0.5f + room)],
            1 => [(alone, 0.5f - room), (0.5f - room, 0.5f + room), (0.5f + room, 0.5f + room)],
            2 => [(0.5f - room, 0.5f - room), (0.5f, 0.5f), (0.5f + room, 0.5f + room)],
            _ => [(0.5f + room, 0.5f - room), (0.5f, 0.5f), (0.5f - room, 0.5f + room)],
        };
    }

    // −1 and 1 are near the two edges, 0 near the middle, anything else anywhere.
    private static float Along(ref PhiloxSequence random, int direction, float room) => direction switch
    {
        0 => 0.5f + 0.2f * room * random.Between(-1, 1),
        -1 or 1 => 0.5f + direction * room * random.Between(0.85, 1),
        _ => 0.5f + room * random.Between(-1, 1),
    };
}
