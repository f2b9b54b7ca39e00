namespace ClipDistributed.Data.Packing.Lists;

/// <summary>The character between the values of a list.</summary>
internal static class Separator
{
    private static readonly (char Character, string Name)[] Named = [(',', "comma"), ('\t', "tab"), (';', "semicolon"), ('|', "pipe")];

    /// <param name="text">One character, its name, or <c>\t</c>.</param>
    /// <returns>Null where it can be none.</returns>
    public static char? TryParse(string text)
    {
        if (text.Length == 1)
            return IsAllowed(text[0]) ? text[0] : null;
        if (text == @"\t")
            return '\t';
        var named = Array.Find(Named, separator => separator.Name.Equals(text, StringComparison.OrdinalIgnoreCase));
        return named == default ? null : named.Character;
    }

    public static bool IsAllowed(char separator) =>
        separator is not ('"' or '\r' or '\n' or '\0') && !char.IsLetterOrDigit(separator) && !char.IsSurrogate(separator);

    /// <summary>What a list may use without saying so: first what its extension promises.</summary>
    public static IEnumerable<char> Usual(string file) =>
        Path.GetExtension(file).ToLowerInvariant() == ".csv" ? [',', '\t', ';', '|'] : ['\t', ',', ';', '|'];

    /// <summary>For messages: the name, or the character in quotes.</summary>
    public static string NameOf(char separator)
    {
        var named = Array.Find(Named, known => known.Character == separator);
        return named == default ? $"'{separator}'" : named.Name;
    }
}
