using ClipDistributed.Dashboard.Calls;
using ClipDistributed.Dashboard.Sessions;
using ClipDistributed.Dashboard.SigningIn;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using MudBlazor.Services;

namespace ClipDistributed.Dashboard;

/// <summary>What the dashboard is made of.</summary>
public static class DashboardServices
{
    /// <summary>Needs a <c>CallInvoker</c> that reaches the coordinator, and a <c>TimeProvider</c>.</summary>
    /// <param name="link">That is printed at the start.</param>
    public static IServiceCollection AddDashboard(this IServiceCollection services, DashboardOptions options, SignInLink link)
    {
        services.AddSingleton(options);
        services.AddSingleton(link);
        services.AddSingleton<SessionTable>();
        services.AddSingleton<SignIn>();
        services.AddScoped<ControlCalls>();
        services.AddDataProtection().UseEphemeralDataProtectionProvider(); // sessions end with the process, and so may their keys
        services.AddAuthentication(CookieAuthenticationDefaults.AuthenticationScheme)
            .AddCookie(cookie => SessionCookie.Configure(cookie, options));
        services.AddAuthorization();
        services.AddCascadingAuthenticationState();
        services.AddAntiforgery(form =>
        {
            form.Cookie.Name = $"clipd-form-{options.CookieSuffix}";
            form.Cookie.SameSite = SameSiteMode.Strict;
            form.Cookie.SecurePolicy = CookieSecurePolicy.SameAsRequest;
            form.SuppressXFrameOptionsHeader = true; // the policy of the pages says it
        });
        // A cookie of the coordinator before this one is replaced by the next page; it is no error of this one.
        services.AddLogging(lines => lines.AddFilter("Microsoft.AspNetCore.Antiforgery", LogLevel.Critical));
        services.AddResponseCompression(files => files.EnableForHttps = true); // of assets alone, which hold no secrets
        services.AddRazorComponents().AddInteractiveServerComponents(circuits =>
        {
            circuits.DisconnectedCircuitMaxRetained = 100;
            circuits.DisconnectedCircuitRetentionPeriod = TimeSpan.FromMinutes(2);
        });
        services.AddMudServices();
        DropUnusedKeys(services);
        return services;
    }

    /// <summary>The keys of the ephemeral provider are none of those that the library would make at start, write to a file, and warn
    /// about.</summary>
    private static void DropUnusedKeys(IServiceCollection services)
    {
        var warmUps = services.Where(service =>
            service.ServiceType == typeof(IHostedService) && service.ImplementationType?.Assembly == typeof(KeyManagementOptions).Assembly);
        foreach (var warmUp in warmUps.ToList())
            services.Remove(warmUp);
    }
}
