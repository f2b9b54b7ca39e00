using System.Text;
using System.Text.Json;

namespace ClipDistributed.TestKit.Mutations;

/// <summary>A sound JSON document, or lines of them, with other values in some places: still JSON, and not what its reader
/// expects.</summary>
public static class JsonShapes
{
    private static readonly string[] Values =
    [
        "null",
        "true",
        "[]",
        "{}",
        "[null]",
        "\"\"",
        "\"7\"",
        "-1",
        "0",
        "1.5",
        "-0.0",
        "1e400",
        "1E-400",
        "NaN",
        "2147483648",
        "9223372036854775807",
        "9223372036854775808",
        "-9223372036854775808",
        "179769313486231570000000000000000000000",
        "\"\\ud800\"",
        "\"\\udc00x\"",
        "\"\\u0000\"",
        "\"\\u202e\\u001b[2J\"",
        "\"../../../../etc/hostname\"",
        "\"/dev/zero\"",
        "\"/proc/self/mem\"",
        "\"s3://x/y\"",
        "\"~\"",
        "\"$HOME\"",
    ];

    public static byte[] Make(byte[] sound, int seed)
    {
        var random = new Random(seed);
        byte[] text = sound;
        for (int changes = random.Next(1, 4); changes > 0; changes--)
            text = Change(text, random);
        return text;
    }

    private static byte[] Change(byte[] text, Random random)
    {
        var places = Places(text);
        if (places.Count == 0)
            return text;
        var (start, end, isName) = places[random.Next(places.Count)];
        string old = Encoding.UTF8.GetString(text[start..end]);
        return [.. text[..start], .. isName ? Name(old, random) : Value(old, random), .. text[end..]];
    }

    /// <summary>A key that comes twice, or under another name.</summary>
    private static byte[] Name(string old, Random random) => random.Next(4) switch
    {
        0 => Encoding.UTF8.GetBytes($"{old}: {Values[random.Next(Values.Length)]}, {old}"),
        1 => Encoding.UTF8.GetBytes($"\"\\ud800\": 1, {old}"),
        2 => Encoding.UTF8.GetBytes(old.ToUpperInvariant()),
        _ => Encoding.UTF8.GetBytes($"\"{new string('k', 1 << random.Next(1, 21))}\": 1, {old}"),
    };

    private static byte[] Value(string old, Random random)
    {
        int count = 1 << random.Next(1, 20);
        return random.Next(12) switch
        {
            0 => Encoding.UTF8.GetBytes(new string('[', count) + new string(']', count)),
            1 => Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("{\"a\":", count)) + "1" + new string('}', count)),
            2 => Encoding.UTF8.GetBytes(
                $"[{string.Join(',', Enumerable.Repeat(old, Math.Min(count, (1 << 22) / Math.Max(1, old.Length))))}]"
            ),
            3 => Encoding.UTF8.GetBytes($"\"{new string('s', count)}\""),
            4 => Encoding.UTF8.GetBytes($"{(random.Next(2) == 0 ? "-" : "")}{new string('9', count)}"),
            5 => Encoding.UTF8.GetBytes($"0.{new string('0', count)}1"),
            6 => [(byte)'"', 0xC3, 0x28, 0xED, 0xA0, 0x80, 0xF8, (byte)'"'], // no UTF-8: cut off, half a surrogate, too long
            _ => Encoding.UTF8.GetBytes(Values[random.Next(Values.Length)]),
        };
    }

    private static List<(int Start, int End, bool IsName)> Places(byte[] text)
    {
        var places = new List<(int, int, bool)>();
        try
        {
            var reader = new Utf8JsonReader(text, new JsonReaderOptions { AllowMultipleValues = true });
            while (reader.Read())
                if (
                    reader.TokenType
                    is not (JsonTokenType.StartObject or JsonTokenType.EndObject or JsonTokenType.StartArray or JsonTokenType.EndArray)
                )
                    places.Add(
                        (
                            (int)reader.TokenStartIndex,
                            (int)reader.TokenStartIndex + Length(ref reader),
                            reader.TokenType == JsonTokenType.PropertyName
                        )
                    );
        }
        catch (JsonException)
        {
            // An earlier change ended the document here.
        }
        return places;
    }

    private static int Length(ref Utf8JsonReader reader) =>
        reader.ValueSpan.Length + (reader.TokenType is JsonTokenType.String or JsonTokenType.PropertyName ? 2 : 0);
}
