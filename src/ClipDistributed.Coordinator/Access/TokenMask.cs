using System.Text.RegularExpressions;

namespace ClipDistributed.Coordinator.Access;

/// <summary>Tokens in what people write: pasted into the wrong field, they would stay in logs and the audit.</summary>
internal static partial class TokenMask
{
    /// <summary>A token keeps its id, as in <c>clipd_9f35db86edff_…</c>; of a JSON web token nothing is left.</summary>
    public static string Apply(string text) => Jwt().Replace(Own().Replace(text, "$1_…"), "…");

    public static bool IsIn(string text) => Own().IsMatch(text) || Jwt().IsMatch(text);

    [GeneratedRegex("(clipd_[0-9a-f]{12})_[A-Za-z0-9_-]+")]
    private static partial Regex Own();

    // Three parts in base64url, of which the first begins with {" .
    [GeneratedRegex(@"eyJ[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*")]
    private static partial Regex Jwt();
}
