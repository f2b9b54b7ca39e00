using ClipDistributed.Contracts.Runs;
using ClipDistributed.Coordinator.Access;

namespace ClipDistributed.Coordinator.Hosts;

/// <summary>Whether worker hosts may connect again by the tokens that they had. Thread-safe.</summary>
internal sealed class HostTokens(TokenTable tokens, TimeProvider time)
{
    /// <returns>Why it cannot, as in <c>its token 5f0b of rack 7 was revoked at …</c>; null: it can, as far as is known.</returns>
    public string? RefusalOf(ConnectedHost host)
    {
        if (host.TokenId == "" || tokens.Find(host.TokenId)?.Row is not { } token)
            return null;
        string name = $"its token {token.TokenId} of {token.Owner}";
        if (token.Revoked is { } revoked)
            return $"{name} was revoked at {UtcTime.Readable(revoked)}";
        return token.Expires is { } expires && expires <= time.GetUtcNow().UtcDateTime
            ? $"{name} expired at {UtcTime.Readable(expires)}"
            : null;
    }
}
