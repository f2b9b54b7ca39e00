using System.Text;
using CsCheck;

namespace ClipDistributed.TestKit.Mutations;

/// <summary>What becomes of a file of JSON: bytes changed, lost, doubled, cut off, values of other types, too deep, too large,
/// empty.</summary>
public static class DamagedText
{
    private static readonly string[] Values =
    [
        "null",
        "-1",
        "1e999",
        "9223372036854775808",
        "\"\"",
        "\"\\u0000\"",
        "\"\\ud800\"",
        "[]",
        "[null]",
        "{}",
        "true",
        "0.5",
    ];

    /// <param name="sound">As the program writes it.</param>
    public static Gen<byte[]> Of(string sound)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(sound);
        int[] values = [.. Enumerable.Range(0, bytes.Length).Where(i => bytes[i] is (byte)':' or (byte)'[' or (byte)',')];
        return Gen.Frequency(
            (4, Gen.Select(Gen.Int[0, bytes.Length - 1], Gen.Byte, (at, value) => Changed(bytes, at, 1, [value]))),
            (4, Gen.Select(Gen.Int[0, bytes.Length - 1], Gen.Int[1, 40], (at, count) => Changed(bytes, at, count, []))),
            (2, Gen.Int[0, bytes.Length].Select(length => bytes[..length])),
            (
                4,
                Gen.Select(
                    Gen.Int[0, bytes.Length - 1],
                    Gen.Int[0, bytes.Length - 1],
                    Gen.Int[1, 60],
                    (at, from, count) => Changed(bytes, at, 0, bytes[from..Math.Min(bytes.Length, from + count)])
                )
            ),
            (
                8,
                Gen.Select(
                    Gen.Int[0, values.Length - 1],
                    Gen.Int[0, Values.Length - 1],
                    (at, value) => WithValue(bytes, values[at] + 1, Values[value])
                )
            ),
            (1, Gen.Int[1, 200_000].Select(depth => Encoding.UTF8.GetBytes(new string('[', depth)))),
            (
                1,
                Gen.Select(
                    Gen.Int[0, values.Length - 1],
                    Gen.Int[65, 5_000],
                    (at, depth) => WithValue(bytes, values[at] + 1, new string('[', depth) + new string(']', depth))
                )
            )
        );
    }

    /// <summary>In place of the value that begins there.</summary>
    private static byte[] WithValue(byte[] bytes, int at, string value)
    {
        int end = at;
        for (int depth = 0; end < bytes.Length && (depth > 0 || bytes[end] is not ((byte)',' or (byte)'}' or (byte)']')); end++)
            depth += bytes[end] is (byte)'{' or (byte)'[' ? 1 : bytes[end] is (byte)'}' or (byte)']' ? -1 : 0;
        return Changed(bytes, at, end - at, Encoding.UTF8.GetBytes(value));
    }

    private static byte[] Changed(byte[] bytes, int at, int removed, byte[] added) =>
        [.. bytes[..at], .. added, .. bytes[Math.Min(bytes.Length, at + removed)..]];
}
