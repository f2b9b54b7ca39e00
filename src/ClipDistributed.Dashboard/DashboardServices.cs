using ClipDistributed.Dashboard.Calls;
using ClipDistributed.Dashboard.Sessions;
using ClipDistributed.Dashboard.SigningIn;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
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
        services.AddAuthentication(CookieAuthenticationDefaults.AuthenticationScheme).AddCookie(SessionCookie.Configure);
        services.AddAuthorization();
        services.AddCascadingAuthenticationState();
        services.AddAntiforgery(form =>
        {
            form.Cookie.Name = "clipd-form";
            form.Cookie.SameSite = SameSiteMode.Strict;
            form.Cookie.SecurePolicy = CookieSecurePolicy.SameAsRequest;
            form.SuppressXFrameOptionsHeader = true; // the policy of the pages says it
        });
        services.AddResponseCompression(files => files.EnableForHttps = true); // of assets alone, which hold no secrets
        services.AddRazorComponents().AddInteractiveServerComponents(circuits =>
        {
            circuits.DisconnectedCircuitMaxRetained = 100;
            circuits.DisconnectedCircuitRetentionPeriod = TimeSpan.FromMinutes(2);
        });
        services.AddMudServices();
        return services;
    }
}
