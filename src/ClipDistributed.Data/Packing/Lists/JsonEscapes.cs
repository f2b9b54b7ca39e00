using System.Globalization;

namespace ClipDistributed.Data.Packing.Lists;

/// <summary>Looks at JSON before it is parsed.</summary>
internal static class JsonEscapes
{
    /// <summary>It escapes half a surrogate pair, as <c>"\ud83d"</c> does: valid JSON, but no text.</summary>
    public static bool HasLoneSurrogate(ReadOnlySpan<char> json)
    {
        bool isHalf = false;
        for (int i = 0; i < json.Length; i++)
        {
            char unit = json[i];
            if (unit == '\\' && i + 1 < json.Length)
            {
                bool isEscape = json[i + 1] == 'u' && i + 6 <= json.Length;
                unit = isEscape ? Unit(json.Slice(i + 2, 4)) : '\0';
                i += isEscape ? 5 : 1;
            }
            if (isHalf != char.IsLowSurrogate(unit))
                return true;
            isHalf = char.IsHighSurrogate(unit);
        }
        return isHalf;
    }

    private static char Unit(ReadOnlySpan<char> digits) =>
        ushort.TryParse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ushort code) ? (char)code : '\0';
}
