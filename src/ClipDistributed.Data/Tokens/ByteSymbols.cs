using System.Text;

namespace ClipDistributed.Data.Tokens;

/// <summary>
/// GPT-2's one-to-one map from bytes to printable characters, so that any UTF-8 text becomes a string without spaces
/// (openai/gpt-2, encoder.py, bytes_to_unicode). Printable Latin-1 stands for itself, the other 68 bytes for U+0100 and on.
/// </summary>
internal static class ByteSymbols
{
    /// <summary>What marks a symbol that ends its word.</summary>
    public const string EndOfWord = "</w>";

    private static readonly char[] Symbols = new char[256];

    static ByteSymbols()
    {
        char next = '\u0100';
        var others = new List<byte>();
        for (int value = 0; value < 256; value++)
        {
            bool printable = value is (>= '!' and <= '~') or (>= '\xa1' and <= '\xac') or (>= '\xae' and <= '\xff');
            Symbols[value] = printable ? (char)value : next++;
            (printable ? InOrder : others).Add((byte)value);
        }
        InOrder.AddRange(others);
    }

    /// <summary>All 256 bytes in the order in which CLIP gives them ids.</summary>
    public static List<byte> InOrder { get; } = new(256);

    public static char Of(byte value) => Symbols[value];

    /// <summary>The word's UTF-8 bytes, one character each.</summary>
    public static string Of(ReadOnlySpan<char> word)
    {
        byte[] bytes = new byte[Encoding.UTF8.GetMaxByteCount(word.Length)];
        int length = Encoding.UTF8.GetBytes(word, bytes);
        return string.Create(length, bytes, static (symbols, bytes) =>
        {
            for (int i = 0; i < symbols.Length; i++)
                symbols[i] = Symbols[bytes[i]];
        });
    }
}
