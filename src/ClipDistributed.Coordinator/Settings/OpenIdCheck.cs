using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Tls;

namespace ClipDistributed.Coordinator.Settings;

/// <summary>Whether people can log in by OpenID Connect as the options say.</summary>
internal static class OpenIdCheck
{
    public static void Run(OpenIdSettings settings, List<string> errors)
    {
        bool isAddress = Uri.TryCreate(settings.Issuer, UriKind.Absolute, out var issuer) && issuer.Scheme == Uri.UriSchemeHttps
            && issuer is { UserInfo: "", Query: "", Fragment: "" };
        if (!isAddress)
            errors.Add(
                $"{OpenIdSettings.IssuerOption} is '{settings.Issuer}'; use the provider's https address, exactly as its tokens name it "
                    + "(iss), such as https://login.example.org/realms/lab.");
        if (settings.Audience == "")
            errors.Add(
                $"{OpenIdSettings.AudienceOption} is missing; without it, what the provider gives to other programs would count here: name "
                    + "what its tokens for this coordinator have as their audience (aud), such as the id of its client.");
        if (settings.Roles.Count == 0)
            errors.Add($"{OpenIdSettings.RoleOption} is missing, so that each of its tokens is refused; use for example operator=team-a.");
        foreach (string given in settings.Roles.Where(given => !OpenIdRoles.TryParse(given, out _, out _)))
            errors.Add(
                $"{OpenIdSettings.RoleOption} is '{given}'; use viewer, operator or admin, '=', and a value of the claim "
                    + $"{settings.RoleClaim}, such as operator=team-a.");
        Claim(OpenIdSettings.RoleClaimOption, settings.RoleClaim);
        Claim(OpenIdSettings.OwnerClaimOption, settings.OwnerClaim);
        if (settings.Ca is { } authorities)
        {
            try
            {
                CertificateFile.ReadAuthorities(authorities, OpenIdSettings.CaOption);
            }
            catch (BadInputException wrong)
            {
                errors.AddRange(wrong.Errors);
            }
        }

        void Claim(string option, string name)
        {
            if (name == "")
                errors.Add($"{option} is empty; name a claim, or leave it out.");
        }
    }
}
