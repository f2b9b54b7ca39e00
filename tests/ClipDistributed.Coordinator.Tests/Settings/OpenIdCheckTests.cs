using ClipDistributed.Contracts.Errors;
using ClipDistributed.Coordinator.Settings;

namespace ClipDistributed.Coordinator.Tests.Settings;

public sealed class OpenIdCheckTests
{
    private static readonly OpenIdSettings Good = new("https://login.example.org/realms/lab", "clipd", ["operator=team-a"]);

    public static TheoryData<string, OpenIdSettings> Wrong => new()
    {
        { "--openid-issuer is 'login.example.org'", Good with { Issuer = "login.example.org" } },
        { "--openid-issuer is 'http://login.example.org'", Good with { Issuer = "http://login.example.org" } },
        { "--openid-issuer is 'https://me:secret@login.example.org'", Good with { Issuer = "https://me:secret@login.example.org" } },
        { "--openid-issuer is 'https://login.example.org/?a=b'", Good with { Issuer = "https://login.example.org/?a=b" } },
        { "--openid-audience is missing", Good with { Audience = "" } },
        { "--openid-role is missing", Good with { Roles = [] } },
        { "--openid-role is 'team-a'", Good with { Roles = ["team-a"] } },
        { "--openid-role is 'operator='", Good with { Roles = ["operator="] } },
        { "--openid-role is 'host=team-a'", Good with { Roles = ["host=team-a"] } },
        { "--openid-role-claim is empty", Good with { RoleClaim = "" } },
        { "--openid-name-claim is empty", Good with { OwnerClaim = "" } },
        { "--openid-ca", Good with { Ca = "/nowhere/ca.pem" } },
    };

    [Theory, MemberData(nameof(Wrong))]
    public void Check_CannotBeUsed_IsOneLine(string begin, OpenIdSettings settings)
    {
        var wrong = Assert.Throws<BadInputException>(() => new CoordinatorOptions { OpenId = settings }.Check());
        Assert.StartsWith(begin, Assert.Single(wrong.Errors), StringComparison.Ordinal);
    }

    [Fact]
    public void Check_CanBeUsed_Passes() => new CoordinatorOptions { OpenId = Good }.Check();
}
