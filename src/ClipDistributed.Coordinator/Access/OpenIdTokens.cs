using ClipDistributed.Contracts.Control.V1;
using ClipDistributed.Contracts.Errors;
using ClipDistributed.Coordinator.Settings;
using ClipDistributed.Coordinator.Store.Rows;
using Microsoft.Extensions.Hosting;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace ClipDistributed.Coordinator.Access;

/// <summary>Tokens that a provider of OpenID Connect has signed for a person (RFC 7519, and OpenID Connect Core 1.0, section 2).</summary>
internal sealed class OpenIdTokens(OpenIdSettings settings, OpenIdProvider provider, TimeProvider time) : BackgroundService
{
    private const int MaxCharacters = 16 << 10, MaxName = 100;
    private const string Critical = "crit";

    /// <summary>Signed by a key of which only one half is published.</summary>
    private static readonly string[] Algorithms = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512"];

    private static readonly TimeSpan Skew = TimeSpan.FromMinutes(1); // of the clocks, at a token's beginning

    private readonly JsonWebTokenHandler handler = new() { MaximumTokenSizeInBytes = MaxCharacters, MapInboundClaims = false };
    private readonly TokenValidationParameters required = new()
    {
        ValidIssuer = settings.Issuer, ValidAudience = settings.Audience, ValidAlgorithms = Algorithms, ClockSkew = Skew,
        ConfigurationManager = provider.Published,
    };

    /// <summary>It has the form of one: the coordinator's own have no such dots.</summary>
    public static bool IsOne(string shown) => shown.Count(one => one == '.') == 2;

    /// <returns>Null: the provider's keys are not known, so that it cannot be checked.</returns>
    public async Task<LogIn?> CheckAsync(string shown)
    {
        if (!await provider.IsKnownAsync())
            return null;
        var found = await handler.ValidateTokenAsync(shown, required);
        if (!found.IsValid || found.SecurityToken is not JsonWebToken token)
            return Refused(Reason(found.Exception));
        if (token.TryGetHeaderValue<object>(Critical, out _)) // RFC 7515, section 4.1.11: who does not know an extension refuses it
            return Refused("has the header crit, which names extensions that are not known here; have the provider make tokens without");
        if (token.Issuer != settings.Issuer)
            return Refused("was made by another provider");
        var left = token.ValidTo - time.GetUtcNow().UtcDateTime;
        if (left <= TimeSpan.Zero)
            return Refused("has expired");
        if (left > settings.MaxLifetime + Skew)
            return Refused($"is valid for more than {settings.MaxLifetime.TotalHours:0} hours; have the provider make shorter ones");
        if (Value(token, "sub") is not { } subject || Value(token, settings.OwnerClaim) is not { } owner)
            return Refused($"has no sub, or no {settings.OwnerClaim}, of 1 to {MaxName} characters without control and formatting ones");
        var role = OpenIdRoles.Of(settings, [.. Values(token, settings.RoleClaim)]);
        if (role == Role.Unspecified)
            return Refused($"gives {owner} no role here: no value of its claim {settings.RoleClaim} has one; ask an admin");
        var row = new TokenRow
        {
            TokenId = $"openid:{subject}", Hash = [], Role = role, Owner = owner, Created = token.ValidFrom, Expires = token.ValidTo,
        };
        return new LogIn(new HeldToken(row), row.TokenId, null);
    }

    /// <summary>Asks the provider at once, so that what is wrong with it is in the log before anyone needs it.</summary>
    protected override Task ExecuteAsync(CancellationToken stoppingToken) => provider.IsKnownAsync();

    private static LogIn Refused(string why) => new(null, "", $"the OpenID token of this call {why}");

    /// <summary>No word of the token: what it claims is not proven.</summary>
    private string Reason(Exception? fault) => fault switch
    {
        SecurityTokenExpiredException => "has expired",
        SecurityTokenNotYetValidException => "is not valid yet; is a clock wrong?",
        SecurityTokenInvalidAudienceException => $"is for another audience than {settings.Audience}",
        SecurityTokenInvalidIssuerException => $"was made by another provider than {settings.Issuer}",
        SecurityTokenNoExpirationException => "never expires; have the provider say until when it is valid",
        SecurityTokenInvalidAlgorithmException => "is signed in a way that is not accepted; use RS256, PS256 or ES256",
        _ => $"is not signed by {settings.Issuer}, or is damaged",
    };

    private static string? Value(JsonWebToken token, string claim) =>
        Values(token, claim).ToList() is [{ Length: >= 1 and <= MaxName } one] && one.Trim() == one && ControlText.Find(one) is null
            ? one : null;

    private static IEnumerable<string> Values(JsonWebToken token, string claim) =>
        token.Claims.Where(one => one.Type == claim).Select(one => one.Value);
}
