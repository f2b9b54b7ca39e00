namespace ClipDistributed.Data.Tokens;

/// <summary>Reads the control characters U+0080 to U+009F as the bytes of Windows-1252 that they nearly always were.</summary>
internal static class Windows1252
{
    private const string Meant =
        "\u20ac\u0081\u201a\u0192\u201e\u2026\u2020\u2021\u02c6\u2030\u0160\u2039\u0152\u008d\u017d\u008f"
        + "\u0090\u2018\u2019\u201c\u201d\u2022\u2013\u2014\u02dc\u2122\u0161\u203a\u0153\u009d\u017e\u0178";

    /// <summary>The five bytes that Windows-1252 leaves open, and all characters outside the range, stay as they are.</summary>
    public static char Decode(char c) => c is >= '\x80' and <= '\x9f' ? Meant[c - '\x80'] : c;
}
