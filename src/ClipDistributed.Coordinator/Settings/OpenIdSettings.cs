namespace ClipDistributed.Coordinator.Settings;

/// <summary>A provider of OpenID Connect whose tokens people may show instead of the coordinator's own. Nothing here is secret: its
/// published keys suffice to check them.</summary>
/// <param name="Issuer">Its address, exactly as its tokens have it in <c>iss</c>.</param>
/// <param name="Audience">What its tokens for this coordinator have in <c>aud</c>.</param>
/// <param name="Roles">Whom to give which role, as in <c>operator=team-a</c>: a role, and a value of <paramref name="RoleClaim"/>.</param>
/// <param name="RoleClaim">The claim that is looked at for roles: a text or a list of texts.</param>
/// <param name="OwnerClaim">The claim that says who it is, human-readable. One that users can change lets them pose as others.</param>
/// <param name="Ca">The CAs that may sign the provider's certificate, PEM; null: those that this machine trusts.</param>
public sealed record OpenIdSettings(
    string Issuer, string Audience, IReadOnlyList<string> Roles, string RoleClaim = "roles", string OwnerClaim = "sub", string? Ca = null)
{
    public const string IssuerOption = "--openid-issuer", AudienceOption = "--openid-audience", RoleOption = "--openid-role",
        RoleClaimOption = "--openid-role-claim", OwnerClaimOption = "--openid-name-claim", CaOption = "--openid-ca";

    /// <summary>Tokens of a provider cannot be revoked here: one that is valid for longer is refused.</summary>
    public TimeSpan MaxLifetime { get; init; } = TimeSpan.FromHours(24);
}
