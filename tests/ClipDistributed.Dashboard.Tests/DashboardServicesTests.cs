using ClipDistributed.Dashboard.Sessions;
using ClipDistributed.Dashboard.SigningIn;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace ClipDistributed.Dashboard.Tests;

public sealed class DashboardServicesTests
{
    /// <summary>Browsers keep cookies for a machine, whatever the port: two coordinators of one do not sign each other's users out.
    /// </summary>
    [Fact]
    public void Cookies_OfTwoCoordinators_HaveDifferentNames()
    {
        var (first, second) = (NamesOf(new DashboardOptions { CookieSuffix = "7070" }), NamesOf(new DashboardOptions()));
        Assert.Equal(("clipd-session-7070", "clipd-form-7070"), first);
        Assert.NotEqual(first.Session, second.Session);
        Assert.NotEqual(first.Form, second.Form);
    }

    /// <summary>The library would make keys at start that nothing uses, and warn that their file is not encrypted.</summary>
    [Fact]
    public void Services_KeysAreEphemeral_NoneAreMadeAtStart() =>
        Assert.DoesNotContain(
            Services(new DashboardOptions()),
            service => service.ServiceType == typeof(IHostedService)
                && $"{service.ImplementationType}".StartsWith("Microsoft.AspNetCore.DataProtection", StringComparison.Ordinal));

    private static (string? Session, string? Form) NamesOf(DashboardOptions options)
    {
        using var services = Services(options).BuildServiceProvider();
        var session = services.GetRequiredService<IOptionsMonitor<CookieAuthenticationOptions>>()
            .Get(CookieAuthenticationDefaults.AuthenticationScheme);
        return (session.Cookie.Name, services.GetRequiredService<IOptions<AntiforgeryOptions>>().Value.Cookie.Name);
    }

    private static ServiceCollection Services(DashboardOptions options)
    {
        var services = new ServiceCollection();
        services.AddLogging();
        services.AddSingleton(TimeProvider.System);
        services.AddDashboard(options, new SignInLink(TimeProvider.System, options.LinkLifetime));
        return services;
    }
}
