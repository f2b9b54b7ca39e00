namespace ClipDistributed.Contracts.Errors;

/// <summary>
/// What errors quote of files. Who runs a command sees it. A coordinator that reads files which others have named hides it from them:
/// by an error they could else read, piece by piece, what only the coordinator's user may.
/// </summary>
public static class FileWords
{
    private const string Instead = "(not shown)";

    private static readonly AsyncLocal<bool> Hidden = new();

    /// <summary>In the present task, and in all that it starts.</summary>
    public static void Hide() => Hidden.Value = true;

    /// <summary>The beginning of a name, a value or a line of a file.</summary>
    /// <param name="max">Characters, 2 or more.</param>
    public static string Of(string text, int max = 80) => Hidden.Value ? Instead : Excerpt.Of(text, max);

    /// <summary>The first ones of a list, each shortened, and how many more there are.</summary>
    /// <param name="count">Of the whole list.</param>
    public static string List(IEnumerable<string> texts, int count) => Hidden.Value ? Instead : Excerpt.List(texts, count);
}
