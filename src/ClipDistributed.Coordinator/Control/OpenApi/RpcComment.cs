using System.Text.RegularExpressions;
using Google.Rpc;

namespace ClipDistributed.Coordinator.Control.OpenApi;

/// <summary>The comment of an rpc in its parts, as in <c>Shows a job. NOT_FOUND: there is no such job.</c></summary>
/// <param name="Summary">Its first sentence; empty: there is none.</param>
/// <param name="Description">The sentences after that one; empty: there are none.</param>
/// <param name="Errors">Each with its sentence.</param>
internal sealed partial record RpcComment(string Summary, string Description, IReadOnlyList<(Code Code, string Text)> Errors)
{
    public static RpcComment Parse(string comment)
    {
        var marks = ErrorMark().Matches(comment).Where(mark => CodeOf(mark) is not null).ToList();
        string text = (marks.Count == 0 ? comment : comment[..marks[0].Index]).Trim();
        int end = text.IndexOf(". ", StringComparison.Ordinal);
        string summary = end < 0 ? text : text[..(end + 1)];
        var errors = marks.Select((mark, i) =>
        {
            int after = i + 1 < marks.Count ? marks[i + 1].Index : comment.Length;
            return (CodeOf(mark)!.Value, comment[(mark.Index + mark.Length)..after].Trim());
        });
        return new RpcComment(summary, text[summary.Length..].Trim(), [.. errors]);
    }

    private static Code? CodeOf(Match mark) =>
        Enum.TryParse<Code>(mark.Groups[1].Value.Replace("_", "", StringComparison.Ordinal), ignoreCase: true, out var code) ? code : null;

    /// <summary>As in <c>NOT_FOUND: </c> and <c>NOT_FOUND, here and elsewhere: </c>.</summary>
    [GeneratedRegex(@"\b([A-Z][A-Z_]{4,})(?:,[^:.]*)?: ")]
    private static partial Regex ErrorMark();
}
