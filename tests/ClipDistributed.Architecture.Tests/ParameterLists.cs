using System.Text.RegularExpressions;

namespace ClipDistributed.Architecture.Tests;

/// <summary>
/// Finds what declares parameters: methods, constructors, delegates, local functions. Records of data are left out, and so is what a
/// native library (P/Invoke) or the text of a message (LoggerMessage) fixes.
/// </summary>
internal static partial class ParameterLists
{
    /// <param name="code">Without comments and strings.</param>
    /// <returns>Name and number of parameters of those that have more than <paramref name="limit"/>.</returns>
    public static IEnumerable<(string Name, int Count)> LongerThan(int limit, string code)
    {
        foreach (Match opening in Opening().Matches(code))
        {
            int start = opening.Index + opening.Length;
            var parts = Parts(code, start);
            // An argument is an expression; a parameter is a type and a name.
            if (parts.Count > limit && parts.All(part => Parameter().IsMatch(part)) && !Other().IsMatch(Head(code, opening.Index)))
                yield return (opening.Groups[1].Value, parts.Count);
        }
    }

    /// <summary>What stands between the parentheses, cut at commas.</summary>
    private static List<string> Parts(string code, int start)
    {
        var parts = new List<string>();
        int depth = 0, from = start;
        for (int at = start; at < code.Length && depth >= 0; at++)
        {
            depth += code[at] switch
            {
                '(' or '[' or '{' or '<' => 1,
                '>' when code[at - 1] == '=' => 0, // of a lambda
                ')' or ']' or '}' or '>' => -1,
                _ => 0,
            };
            if (depth >= 0 && (depth != 0 || code[at] != ','))
                continue;
            parts.Add(code[from..at].Trim());
            from = at + 1;
        }
        return parts;
    }

    /// <summary>Attributes, modifiers and type before a name.</summary>
    private static string Head(string code, int name) => code[(code.LastIndexOfAny([';', '{', '}'], name) + 1)..name];

    [GeneratedRegex("""\b(\w+)(?:<[^<>()]*>)?\s*\(""")]
    private static partial Regex Opening();

    /// <summary>Attributes, modifiers, a type or a tuple, a name and perhaps a default value.</summary>
    [GeneratedRegex(
        """^(?:\[[^\]]*\]\s*)*(?:(?:this|ref|out|in|params|scoped|readonly)\s+)*"""
            + """(?:[\w.:]+(?:<.*>)?[?*]*(?:\[,*\][?]?)*|\(.*\)\??)\s+@?\w+(?:\s*=.*)?$""",
        RegexOptions.Singleline)]
    private static partial Regex Parameter();

    [GeneratedRegex("""\b(?:record|extern|LibraryImport|DllImport|LoggerMessage|new|await|return)\b""")]
    private static partial Regex Other();
}
