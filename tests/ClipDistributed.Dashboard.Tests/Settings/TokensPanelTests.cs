using Bunit;
using ClipDistributed.Contracts.Control.V1;
using ClipDistributed.Dashboard.Pages;
using ClipDistributed.Dashboard.Settings;

namespace ClipDistributed.Dashboard.Tests.Settings;

public sealed class TokensPanelTests
{
    [Fact]
    public async Task Make_Token_ShowsItsTextOnce()
    {
        await using var server = await DashboardServer.StartAsync();
        await using var page = await OpenPage.OfAsync(server, Role.Admin);
        var panel = page.Render<TokensPanel>();
        panel.WaitForElement("form.token-form input");
        await panel.Find("form.token-form input").ChangeAsync("bob");
        await panel.Find("form.token-form").SubmitAsync();

        string text = page.Dialogs.WaitForElement("[data-secret]").TextContent;
        Assert.Matches("^clipd_[0-9a-f]{12}_", text);
        var token = (await server.Admin.ListTokensAsync(new ListTokensRequest())).Tokens.Single(one => one.Owner == "bob");
        Assert.Equal((Role.Viewer, true), (token.Role, token.Expires is not null));
        await page.Dialogs.Find("button.button").ClickAsync();
        page.Dialogs.WaitForAssertion(() => Assert.DoesNotContain(text, page.Dialogs.Markup, StringComparison.Ordinal));
        Assert.DoesNotContain(text, panel.Markup, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Revoke_Token_IsAskedFirstAndThenDone()
    {
        await using var server = await DashboardServer.StartAsync();
        await server.TokenAsync(Role.Viewer, owner: "bob");
        await using var page = await OpenPage.OfAsync(server, Role.Admin);
        var panel = page.Render<TokensPanel>();
        panel.WaitForElement("table.tokens");
        await panel.FindAll("table.tokens tbody tr").Single(row => row.TextContent.Contains("bob", StringComparison.Ordinal))
            .QuerySelector("button")!.ClickAsync();
        await page.Dialogs.WaitForElement("form.dialog").SubmitAsync();

        var tokens = (await server.Admin.ListTokensAsync(new ListTokensRequest())).Tokens;
        Assert.NotNull(tokens.Single(one => one.Owner == "bob").Revoked);
        Assert.Null(tokens.Single(one => one.Owner == "ann").Revoked);
    }

    [Theory]
    [InlineData(Role.Viewer)]
    [InlineData(Role.Operator)]
    public async Task Settings_OfOthersThanAdmins_ShowNeitherTokensNorAudit(Role role)
    {
        await using var server = await DashboardServer.StartAsync();
        await using var page = await OpenPage.OfAsync(server, role);
        Assert.Equal(["Server"], page.Render<SettingsPage>().FindAll(".tabs a").Select(tab => tab.TextContent));
        foreach (string section in (string[])["tokens", "audit"])
        {
            var settings = page.Render<SettingsPage>(parameters => parameters.Add(one => one.Section, section));
            Assert.Contains("Your role does not allow this", settings.Markup, StringComparison.Ordinal);
            Assert.Empty(settings.FindAll("table"));
        }
    }
}
