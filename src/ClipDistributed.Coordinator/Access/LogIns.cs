namespace ClipDistributed.Coordinator.Access;

/// <summary>Who shows which token: one of the coordinator's, or of the provider that people log in by.</summary>
/// <param name="openId">Null: there is no such provider.</param>
internal sealed class LogIns(TokenTable tokens, OpenIdTokens? openId)
{
    /// <param name="shown">As the caller sent it; null: it sent none.</param>
    /// <returns>Null: it cannot be checked now; see <see cref="OpenIdTokens"/>.</returns>
    public ValueTask<LogIn?> CheckAsync(string? shown) =>
        shown is not null && openId is not null && OpenIdTokens.IsOne(shown)
            ? new ValueTask<LogIn?>(openId.CheckAsync(shown))
            : ValueTask.FromResult<LogIn?>(tokens.Check(shown));
}
