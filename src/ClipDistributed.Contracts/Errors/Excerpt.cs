namespace ClipDistributed.Contracts.Errors;

/// <summary>The beginning of a text that may be too long for a message.</summary>
public static class Excerpt
{
    /// <param name="max">Characters, 2 or more; a pair of surrogates is not taken apart.</param>
    public static string Of(string text, int max) =>
        text.Length <= max ? text : text[..(char.IsHighSurrogate(text[max - 1]) ? max - 1 : max)] + "…";
}
