using System.CommandLine;
using ClipDistributed.Contracts.Errors;
using ClipDistributed.Coordinator.Settings;

namespace ClipDistributed.Cli.Commands;

/// <summary>Options of <c>clipd coordinator</c> about a provider of OpenID Connect that people log in by.</summary>
internal sealed class OpenIdOptions
{
    private readonly Option<string?> issuer = new(OpenIdSettings.IssuerOption)
    {
        Description = "The https address of a provider of OpenID Connect (its iss), whose tokens people may show instead of the "
            + "coordinator's own. [default: none]",
        HelpName = "address",
    };
    private readonly Option<string?> audience = new(OpenIdSettings.AudienceOption)
    {
        Description = "What its tokens for this coordinator have as their audience (aud), such as the id of its client.",
        HelpName = "name",
    };
    private readonly Option<string[]> roles = new(OpenIdSettings.RoleOption)
    {
        Description = "Who has which role, as in operator=team-a: viewer, operator or admin, and a value of the role claim; may be "
            + "repeated. Without any of them a token is refused.",
        HelpName = "role=value",
    };
    private readonly Option<string?> roleClaim = new(OpenIdSettings.RoleClaimOption)
    {
        Description = "The claim that holds the values of --openid-role. [default: roles]", HelpName = "claim",
    };
    private readonly Option<string?> ownerClaim = new(OpenIdSettings.OwnerClaimOption)
    {
        Description = "The claim that owners of jobs and the audit are named by; one that users can change lets them pose as others. "
            + "[default: sub]",
        HelpName = "claim",
    };
    private readonly Option<string?> authorities = new Option<string?>(OpenIdSettings.CaOption)
    {
        Description = "The CA of the provider's certificate, PEM. [default: those that this machine trusts]", HelpName = "file",
    }.AsOptionalPath();

    public void AddTo(Command command)
    {
        foreach (var option in (Option[])[issuer, audience, roles, roleClaim, ownerClaim, authorities])
            command.Options.Add(option);
    }

    /// <returns>Null: there is no provider.</returns>
    /// <exception cref="BadInputException">Other options about one are given without it.</exception>
    public OpenIdSettings? Read(ParseResult parsed)
    {
        if (parsed.GetValue(issuer) is { } address)
            return new OpenIdSettings(
                address, parsed.GetValue(audience) ?? "", parsed.GetValue(roles) ?? [], parsed.GetValue(roleClaim) ?? "roles",
                parsed.GetValue(ownerClaim) ?? "sub", parsed.GetValue(authorities));
        var given = ((Option[])[audience, roles, roleClaim, ownerClaim, authorities])
            .FirstOrDefault(option => parsed.GetResult(option) is { Implicit: false });
        return given is null
            ? null
            : throw new BadInputException($"{given.Name} is given without {issuer.Name}; give the provider's address too.");
    }
}
