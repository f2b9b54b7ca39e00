namespace ClipDistributed.Contracts.Errors;

/// <summary>A text that may be too long for a message.</summary>
public static class Excerpt
{
    private const int MaxName = 80, MaxListed = 10;

    /// <summary>Its beginning.</summary>
    /// <param name="max">Characters, 2 or more; a pair of surrogates is not taken apart.</param>
    public static string Of(string text, int max = MaxName) =>
        text.Length <= max ? text : text[..(char.IsHighSurrogate(text[max - 1]) ? max - 1 : max)] + "…";

    /// <summary>Its beginning and its end, where messages say what to do.</summary>
    /// <param name="max">Characters, 8 or more.</param>
    public static string Ends(string text, int max)
    {
        if (text.Length <= max)
            return text;
        int tail = text.Length - max / 4;
        return Of(text, max - max / 4) + text[(char.IsLowSurrogate(text[tail]) ? tail + 1 : tail)..];
    }

    /// <summary>The first ones of a list with commas between, each shortened, and how many more there are.</summary>
    /// <param name="count">Of the whole list.</param>
    public static string List(IEnumerable<string> texts, int count) =>
        string.Join(", ", texts.Take(MaxListed).Select(text => Of(text)))
            + (count > MaxListed ? FormattableString.Invariant($" and {count - MaxListed:N0} more") : "");
}
