using System.Security.Claims;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace ClipDistributed.Dashboard.Sessions;

/// <summary>The cookie of a session holds its id alone, encrypted; whether the session goes on is asked with each request.</summary>
internal static class SessionCookie
{
    public const string SignInPath = "/sign-in";

    private const string IdClaim = "session";

    public static void Configure(CookieAuthenticationOptions cookie, DashboardOptions options)
    {
        cookie.Cookie.Name = $"clipd-session-{options.CookieSuffix}";
        cookie.Cookie.HttpOnly = true;
        cookie.Cookie.SameSite = SameSiteMode.Lax; // not strict: the link may be opened from a page of notes
        cookie.Cookie.SecurePolicy = CookieSecurePolicy.SameAsRequest; // without TLS the coordinator serves its own machine alone
        cookie.Cookie.IsEssential = true;
        cookie.LoginPath = SignInPath;
        cookie.ReturnUrlParameter = "then";
        cookie.SlidingExpiration = false;
        cookie.Events.OnValidatePrincipal = context =>
        {
            if (Find(context.HttpContext.RequestServices.GetRequiredService<SessionTable>(), context.Principal) is null)
                context.RejectPrincipal();
            return Task.CompletedTask;
        };
    }

    public static Task SignInAsync(HttpContext context, Session session)
    {
        var claims = new ClaimsIdentity([new Claim(IdClaim, session.Id)], CookieAuthenticationDefaults.AuthenticationScheme);
        return context.SignInAsync(new ClaimsPrincipal(claims), new AuthenticationProperties { ExpiresUtc = session.Expires });
    }

    /// <returns>Null: no user is signed in.</returns>
    public static Session? Find(SessionTable sessions, ClaimsPrincipal? user) => sessions.Find(user?.FindFirst(IdClaim)?.Value);
}
