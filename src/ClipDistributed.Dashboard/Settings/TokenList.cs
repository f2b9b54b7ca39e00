using ClipDistributed.Contracts.Control.V1;

namespace ClipDistributed.Dashboard.Settings;

/// <summary>Tokens, newest first.</summary>
/// <param name="OwnId">Of the token that the page's user has signed in with.</param>
public sealed record TokenList(IReadOnlyList<Token> Tokens, bool HasMore, string OwnId);
