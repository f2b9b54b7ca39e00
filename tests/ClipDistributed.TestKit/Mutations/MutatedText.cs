using System.Text;

namespace ClipDistributed.TestKit.Mutations;

/// <summary>A sound text, changed in a few places by a seed: what a slip, a broken disk or an attacker makes of it.</summary>
public static class MutatedText
{
    private static readonly string[] Anywhere =
    [
        "\0",
        "\r",
        "\n",
        "\r\n",
        "\t",
        "\"",
        "'",
        "\uFEFF",
        "\u202E",
        "\e[2J",
        "-1",
        "0",
        "1e400",
        "NaN",
        "null",
        "true",
        "[]",
        "{}",
        "[[",
        "}}",
        "9223372036854775808",
        "18446744073709551616",
        "-9223372036854775809",
        "é",
        "日本",
        "\uD800",
    ];

    /// <param name="sound">What a program wrote.</param>
    /// <param name="words">Of the format: separators, keys, values.</param>
    public static byte[] Make(byte[] sound, IReadOnlyList<string> words, int seed)
    {
        var random = new Random(seed);
        var bytes = sound.ToList();
        for (int changes = random.Next(1, 5); changes > 0; changes--)
            Change(bytes, words, random);
        return [.. bytes];
    }

    private static void Change(List<byte> bytes, IReadOnlyList<string> words, Random random)
    {
        int at = random.Next(bytes.Count + 1);
        int length = Math.Min(random.Next(1, 30), bytes.Count - at);
        switch (random.Next(9))
        {
            case 0: // cut off, as by a full disk
                bytes.RemoveRange(at, bytes.Count - at);
                break;
            case 1:
                bytes.RemoveRange(at, length);
                break;
            case 2:
                bytes.InsertRange(random.Next(bytes.Count + 1), bytes.GetRange(at, length));
                break;
            case 3: // a lost page reads as zeros
                for (int i = at; i < at + length; i++)
                    bytes[i] = 0;
                break;
            case 4: // bits of a broken disk; often no UTF-8 any more
                for (int i = at; i < at + length; i++)
                    bytes[i] = (byte)random.Next(256);
                break;
            case 5: // as deep, or as long, as a parser's stack or buffer is not
                bytes.InsertRange(at, Bytes(string.Concat(Enumerable.Repeat(Word(words, random), random.Next(2) == 0 ? 50 : 20_000))));
                break;
            case 6: // a number becomes another one
                Replace(bytes, at, word => word is >= (byte)'0' and <= (byte)'9', Anywhere[random.Next(14, Anywhere.Length)]);
                break;
            default:
                bytes.InsertRange(at, Bytes(Word(words, random)));
                break;
        }
    }

    private static void Replace(List<byte> bytes, int from, Func<byte, bool> isPart, string by)
    {
        int start = bytes.FindIndex(from, one => isPart(one));
        if (start < 0)
            return;
        int end = start;
        while (end < bytes.Count && isPart(bytes[end]))
            end++;
        bytes.RemoveRange(start, end - start);
        bytes.InsertRange(start, Bytes(by));
    }

    private static string Word(IReadOnlyList<string> words, Random random) =>
        random.Next(2) == 0 && words.Count > 0 ? words[random.Next(words.Count)] : Anywhere[random.Next(Anywhere.Length)];

    private static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);
}
