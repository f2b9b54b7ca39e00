using System.Net;
using ClipDistributed.Contracts.Control.V1;
using ClipDistributed.Dashboard.Sessions;
using ClipDistributed.Dashboard.SigningIn;
using ClipDistributed.TestKit.Coordinators;
using Grpc.Core;
using Microsoft.Extensions.Time.Testing;

namespace ClipDistributed.Dashboard.Tests.SigningIn;

/// <summary>Who may open the dashboard, and how.</summary>
public sealed class SignInTests
{
    [Fact]
    public async Task Page_WithoutSession_LeadsToSignInAndBack()
    {
        await using var server = await DashboardServer.StartAsync();
        using var browser = server.Browser();
        using var first = await browser.GetAsync("/hosts");
        Assert.Equal(HttpStatusCode.Redirect, first.StatusCode);
        Assert.Equal("/sign-in?then=%2Fhosts", first.Headers.Location!.PathAndQuery);

        using var signedIn = await DashboardServer.PostTokenAsync(browser, server.Token, then: "/hosts");

        Assert.Equal("/hosts", signedIn.Headers.Location!.OriginalString);
        using var again = await browser.GetAsync("/hosts");
        Assert.Equal(HttpStatusCode.OK, again.StatusCode);
    }

    [Theory]
    [InlineData("//evil.example")]
    [InlineData("/\\evil.example")]
    [InlineData("https://evil.example")]
    public async Task SignIn_ThenAnotherSite_StaysHere(string then)
    {
        await using var server = await DashboardServer.StartAsync();
        using var browser = server.Browser();
        using var response = await DashboardServer.PostTokenAsync(browser, server.Token, then);
        Assert.Equal("/", response.Headers.Location!.OriginalString);
    }

    [Fact]
    public async Task Link_OpenedTwice_SignsInTheFirst()
    {
        await using var server = await DashboardServer.StartAsync();
        using HttpClient first = server.Browser(), second = server.Browser();

        using var opened = await first.GetAsync(server.Link);
        using var late = await second.GetAsync(server.Link);

        Assert.Equal("/", opened.Headers.Location!.OriginalString);
        using var page = await first.GetAsync("/");
        Assert.Equal(HttpStatusCode.OK, page.StatusCode);
        Assert.Equal("/sign-in?why=link", late.Headers.Location!.OriginalString);
        Assert.False(late.Headers.Contains("Set-Cookie"));
    }

    [Fact]
    public async Task Link_SessionIsRefused_CanBeOpenedAgain()
    {
        string? token = "clipd_000000000000_" + new string('a', 43);
        await using var server = await DashboardServer.StartAsync(new DashboardOptions { LinkToken = () => token });
        using var browser = server.Browser();
        using var refused = await browser.GetAsync(server.Link);
        token = server.Token;
        using var opened = await browser.GetAsync(server.Link);
        Assert.Equal("/sign-in?why=unknown", refused.Headers.Location!.OriginalString);
        Assert.Equal("/", opened.Headers.Location!.OriginalString);
    }

    [Theory]
    [InlineData(Role.Viewer)]
    [InlineData(Role.Operator)]
    [InlineData(Role.Admin)]
    public async Task SignIn_ByToken_ShowsOwnerAndRole(Role role)
    {
        await using var server = await DashboardServer.StartAsync();
        using var browser = await server.SignedInAsync(await server.TokenAsync(role, owner: "ann of rack 7"));
        string page = await browser.GetStringAsync("/");
        Assert.Contains("ann of rack 7", page, StringComparison.Ordinal);
        Assert.Contains($"<span class=\"role\">{role.ToString().ToLowerInvariant()}</span>", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task SignIn_ByTokensThatMayNot_IsRefusedWithTheReason()
    {
        await using var server = await DashboardServer.StartAsync();
        string revoked = await server.TokenAsync(Role.Viewer);
        await server.Admin.RevokeTokenAsync(new RevokeTokenRequest { TokenId = revoked.Split('_')[1] });

        Assert.Equal("/sign-in?why=role", await AnswerAsync(await server.TokenAsync(Role.Host, host: "a")));
        Assert.Equal("/sign-in?why=role", await AnswerAsync(await server.TokenAsync(Role.Viewer, runId: "demo-1")));
        Assert.Equal("/sign-in?why=unknown", await AnswerAsync(revoked));
        Assert.Equal("/sign-in?why=unknown", await AnswerAsync("clipd_000000000000_" + new string('a', 43)));
        Assert.Equal("/sign-in?why=empty", await AnswerAsync(" "));

        async Task<string> AnswerAsync(string token)
        {
            using var browser = server.Browser();
            using var response = await DashboardServer.PostTokenAsync(browser, token);
            Assert.DoesNotContain(response.Headers, header => header.Key == "Set-Cookie");
            return response.Headers.Location!.OriginalString;
        }
    }

    [Fact]
    public async Task SignIn_RefusedManyTimes_WaitsAsOtherCallsDo()
    {
        await using var server = await DashboardServer.StartAsync();
        using var browser = server.Browser();
        string? last = null;
        for (int i = 0; i < 12; i++)
        {
            using var response = await DashboardServer.PostTokenAsync(browser, "clipd_000000000000_" + new string('a', 43));
            last = response.Headers.Location!.OriginalString;
        }
        Assert.Equal("/sign-in?why=often", last);
        using var other = await server.SignedInAsync(server.Token); // a valid one is never counted
    }

    [Theory]
    [InlineData(SignIn.TokenPath)]
    [InlineData(SignIn.OutPath)]
    public async Task Form_WithoutItsSecret_IsRefused(string path)
    {
        await using var server = await DashboardServer.StartAsync();
        using var browser = await server.SignedInAsync(server.Token);
        var form = new Dictionary<string, string> { ["token"] = server.Token, ["signOut"] = "yes" };
        using var response = await browser.PostAsync(path, new FormUrlEncodedContent(form));
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        using var page = await browser.GetAsync("/");
        Assert.Equal(HttpStatusCode.OK, page.StatusCode); // still signed in
    }

    [Fact]
    public async Task Cookie_OfSession_IsForRequestsAloneAndHoldsNoToken()
    {
        await using var server = await DashboardServer.StartAsync();
        using var browser = server.Browser();
        using var response = await DashboardServer.PostTokenAsync(browser, server.Token);
        string cookie = Assert.Single(response.Headers.GetValues("Set-Cookie"), IsSession);
        Assert.Contains("; httponly", cookie, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("; samesite=lax", cookie, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain(server.Token, cookie, StringComparison.Ordinal);
        Assert.DoesNotContain(server.Token, await browser.GetStringAsync("/"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task SignOut_WithItsCookieKept_EndsTheSession()
    {
        await using var server = await DashboardServer.StartAsync();
        using var browser = server.Browser();
        using var signedIn = await DashboardServer.PostTokenAsync(browser, server.Token);
        string cookie = signedIn.Headers.GetValues("Set-Cookie").First(IsSession);
        var form = new Dictionary<string, string>
        {
            ["signOut"] = "yes", ["__RequestVerificationToken"] = await DashboardServer.FormTokenAsync(browser, "/"),
        };

        using var left = await browser.PostAsync(SignIn.OutPath, new FormUrlEncodedContent(form));

        Assert.Equal("/sign-in", left.Headers.Location!.OriginalString);
        using var thief = new HttpClient(new SocketsHttpHandler { UseCookies = false, AllowAutoRedirect = false });
        using var request = new HttpRequestMessage(HttpMethod.Get, server.Address);
        request.Headers.Add("Cookie", cookie.Split(';')[0]);
        using var page = await thief.SendAsync(request);
        Assert.Equal(HttpStatusCode.Redirect, page.StatusCode);
    }

    [Fact]
    public async Task Page_OfRevokedToken_SaysThatTheSessionIsOver()
    {
        await using var server = await DashboardServer.StartAsync();
        string token = await server.TokenAsync(Role.Viewer);
        using var browser = await server.SignedInAsync(token);
        await server.Admin.RevokeTokenAsync(new RevokeTokenRequest { TokenId = token.Split('_')[1] });
        Assert.Contains("You are signed out", await browser.GetStringAsync("/"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Audit_OfRefusedSignIn_HasTheBrowsersAddress()
    {
        await using var server = await DashboardServer.StartAsync();
        using var browser = server.Browser();
        using var response = await DashboardServer.PostTokenAsync(browser, "clipd_000000000000_" + new string('a', 43));
        var entry = await RefusedAsync(server);
        Assert.Equal(("127.0.0.1", "UNAUTHENTICATED"), (entry.Address, entry.Result));
    }

    [Fact]
    public async Task Audit_OfCallThatNamesAnotherAddress_HasItsOwn()
    {
        await using var server = await DashboardServer.StartAsync();
        var liar = new Metadata
        {
            { "authorization", "Bearer clipd_000000000000_" + new string('a', 43) }, { "clipd-client-address", "9.9.9.9" },
        };
        using var channel = TokenHandler.Open(server.GrpcAddress, null);
        var refused = await Assert.ThrowsAsync<RpcException>(async () =>
            await new AdminService.AdminServiceClient(channel).GetServerInfoAsync(new GetServerInfoRequest(), liar));
        Assert.Equal(StatusCode.Unauthenticated, refused.StatusCode);
        Assert.Equal("127.0.0.1", (await RefusedAsync(server)).Address);
    }

    private static bool IsSession(string cookie) => cookie.StartsWith("clipd-session-", StringComparison.Ordinal);

    /// <summary>The call as the audit has it, which is written within a moment.</summary>
    private static async Task<AuditEntry> RefusedAsync(DashboardServer server)
    {
        while (true)
        {
            var audit = await server.Admin.ListAuditEntriesAsync(new ListAuditEntriesRequest());
            if (audit.Entries.FirstOrDefault(one => one.Verb == "GetServerInfo") is { } entry)
                return entry;
            TestContext.Current.CancellationToken.ThrowIfCancellationRequested();
            await Task.Delay(50, TestContext.Current.CancellationToken);
        }
    }
}
