using System.Buffers.Text;
using System.Text.Json;
using System.Text.Unicode;

namespace ClipDistributed.Contracts.Files;

/// <summary>Whether JSON is as large as it may be, before anything is built from it: a document takes many times its text.</summary>
public static class JsonBounds
{
    /// <summary>Of the largest tokenizers and of models of 100,000 tensors.</summary>
    public const int MaxValues = 4_000_000;

    /// <param name="maxMembers">Of the outermost object.</param>
    /// <returns>What is too much, or no text; null: nothing.</returns>
    /// <exception cref="JsonException">It is not JSON, or nested deeper than 64 levels.</exception>
    public static string? Excess(ReadOnlySpan<byte> json, int maxMembers, int maxValues = MaxValues)
    {
        if (!Utf8.IsValid(json))
            return "it is not text in UTF-8";
        var reader = new Utf8JsonReader(json);
        int values = 0, members = 0;
        while (reader.Read())
        {
            if (reader.TokenType == JsonTokenType.PropertyName && reader.CurrentDepth == 1 && ++members > maxMembers)
                return FormattableString.Invariant($"it has more than {maxMembers:N0} entries");
            if (++values > maxValues)
                return FormattableString.Invariant($"it has more than {maxValues:N0} values and keys");
            if (
                reader.TokenType is JsonTokenType.PropertyName or JsonTokenType.String
                && reader.ValueIsEscaped
                && !IsText(reader.ValueSpan)
            )
                return "it has a text with half a character (an escape such as \\uD800)";
        }
        return null;
    }

    /// <summary>Whether every escaped half of a surrogate pair has its other half behind it.</summary>
    private static bool IsText(ReadOnlySpan<byte> escaped)
    {
        bool isHigh = false;
        for (int at = 0; at < escaped.Length;)
        {
            int unit = 0, length = 1;
            if (escaped[at] == '\\')
                length = escaped[at + 1] == 'u' && Utf8Parser.TryParse(escaped.Slice(at + 2, 4), out unit, out _, 'x') ? 6 : 2;
            bool isLow = unit is >= 0xDC00 and <= 0xDFFF;
            if (isLow != isHigh)
                return false;
            isHigh = unit is >= 0xD800 and <= 0xDBFF;
            at += length;
        }
        return !isHigh;
    }
}
