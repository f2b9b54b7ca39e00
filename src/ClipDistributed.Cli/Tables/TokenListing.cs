using ClipDistributed.Contracts.Control.V1;

namespace ClipDistributed.Cli.Tables;

/// <summary>Tokens, human-readable.</summary>
internal static class TokenListing
{
    public static TextTable Of(IEnumerable<Token> tokens, DateTimeOffset now)
    {
        var table = new TextTable(
            "token", "owner", "may", "state", new Column("created", Drop: 1), new Column("last used", Drop: 2));
        foreach (var token in tokens)
            table.Add(
                token.TokenId, token.Owner, Describe(token), State(token, now), Quantities.Ago(token.Created, now),
                token.LastUsed is { } used ? Quantities.Ago(used, now) : "never");
        return table;
    }

    /// <summary>As in <c>viewer of demo-1</c>.</summary>
    public static string Describe(Token token)
    {
        string scope = token.Host + token.RunId;
        return token.Role.ToString().ToLowerInvariant() + (scope == "" ? "" : token.Host == "" ? $" of {scope}" : $" {scope}");
    }

    private static string State(Token token, DateTimeOffset now)
    {
        if (token.Revoked is not null)
            return "revoked";
        if (token.Expires is not { } expires)
            return "valid";
        string moment = Quantities.Moment(expires);
        return expires.ToDateTimeOffset() <= now ? $"expired {moment}" : $"valid until {moment}";
    }
}
