using System.Diagnostics.CodeAnalysis;
using ClipDistributed.Contracts.Control.V1;
using ClipDistributed.Dashboard.Calls;
using ClipDistributed.Dashboard.Sessions;
using Grpc.Core;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace ClipDistributed.Dashboard.SigningIn;

/// <summary>Signing in by the link of the start or by a token, and signing out.</summary>
internal sealed class SignIn(
    SessionTable sessions, SignInLink link, DashboardOptions options, CallInvoker calls)
{
    public const string TokenPath = "/sign-in/token", OutPath = "/sign-out";

    public static void Map(IEndpointRouteBuilder app)
    {
        app.MapGet(SignInLink.Path, (HttpContext context, SignIn signIn, string? code) => signIn.ByLinkAsync(context, code))
            .AllowAnonymous().WithMetadata(PageMark.Instance);
        app.MapPost(
                TokenPath,
                (HttpContext context, SignIn signIn, [FromForm] string? token, [FromForm] string? then) =>
                    signIn.ByTokenAsync(context, token, then))
            .AllowAnonymous().WithMetadata(PageMark.Instance);
        app.MapPost(OutPath, (HttpContext context, SignIn signIn, [FromForm] string? signOut) => signIn.OutAsync(context))
            .AllowAnonymous().WithMetadata(PageMark.Instance);
    }

    /// <summary>
    /// A form of a page that the coordinator before this one has served: its user is not signed in any more, and fills in another one. A
    /// form of a user who is, without its secret, is refused.
    /// </summary>
    public static bool IsStale(HttpContext context) =>
        context.Features.Get<IAntiforgeryValidationFeature>() is { IsValid: false }
        && (context.Request.Path == TokenPath || context.Request.Path == OutPath)
        && SessionCookie.Find(context.RequestServices.GetRequiredService<SessionTable>(), context.User) is null;

    public static Task AskAgainAsync(HttpContext context) => Refused("form").ExecuteAsync(context);

    private async Task<IResult> ByLinkAsync(HttpContext context, string? code)
    {
        if (SessionCookie.Find(sessions, context.User) is not null)
            return Results.LocalRedirect("/"); // opened once more by the one who used it
        string? why = "link";
        await link.UseAsync(
            code, async () => (why = options.LinkToken() is { } token ? await TryOpenAsync(context, token) : "none") is null);
        return why is null ? Results.LocalRedirect("/") : Refused(why);
    }

    private async Task<IResult> ByTokenAsync(HttpContext context, string? token, string? then) =>
        (string.IsNullOrWhiteSpace(token) ? "empty" : await TryOpenAsync(context, token.Trim())) is { } why
            ? Refused(why, then)
            : Results.LocalRedirect(IsLocal(then) ? then : "/");

    private async Task<IResult> OutAsync(HttpContext context)
    {
        if (SessionCookie.Find(sessions, context.User) is { } session)
            sessions.End(session.Id);
        await context.SignOutAsync();
        return Results.LocalRedirect(SessionCookie.SignInPath);
    }

    /// <returns>Null: there is a session now; else why not.</returns>
    private async Task<string?> TryOpenAsync(HttpContext context, string token)
    {
        string address = $"{context.Connection.RemoteIpAddress}";
        try
        {
            var admin = new AdminService.AdminServiceClient(SessionCalls.With(calls, token, address));
            var info = await admin.GetServerInfoAsync(
                new GetServerInfoRequest(), deadline: DateTime.UtcNow.AddSeconds(10), cancellationToken: context.RequestAborted);
            if (info.Caller is not { } caller)
                return "unknown";
            await SessionCookie.SignInAsync(context, sessions.Open(token, caller, address));
            return null;
        }
        catch (RpcException refused)
        {
            return refused.StatusCode switch
            {
                StatusCode.Unauthenticated => "unknown",
                StatusCode.PermissionDenied => "role",
                StatusCode.ResourceExhausted => "often",
                _ => "away",
            };
        }
    }

    /// <summary>A path of this site, not another's behind two slashes.</summary>
    private static bool IsLocal([NotNullWhen(true)] string? then) =>
        then is ['/', ..] && then is not ['/', '/' or '\\', ..]
        && then.All(one => one is > ' ' and <= '~'); // a header holds no others

    private static IResult Refused(string why, string? then = null) => Results.LocalRedirect(
        $"{SessionCookie.SignInPath}?why={why}{(IsLocal(then) ? $"&then={Uri.EscapeDataString(then)}" : "")}");
}
