using ClipDistributed.Dashboard.Downloads;
using ClipDistributed.Dashboard.Layout;
using ClipDistributed.Dashboard.Parts;
using ClipDistributed.Dashboard.SigningIn;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.FileProviders;

namespace ClipDistributed.Dashboard;

/// <summary>Where the dashboard is served.</summary>
public static class DashboardPages
{
    /// <summary>
    /// What a browser lets the pages do, whatever a name or a caption holds: no script but files of this site, and no eval. Components
    /// have styles in attributes, which run nothing.
    /// </summary>
    public const string Policy =
        "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; font-src 'self'; img-src 'self' data: blob:; "
        + "connect-src 'self'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'";

    /// <summary>Within which a browser may end its connection itself, when the coordinator stops.</summary>
    private static readonly TimeSpan Farewell = TimeSpan.FromMilliseconds(500);

    /// <summary>Of the connections of open pages.</summary>
    private const string CircuitPath = "/_blazor";

    public static void Map(WebApplication app)
    {
        var stopping = app.Lifetime.ApplicationStopping;
        app.UseWhen(
            context => context.Request.Path.StartsWithSegments(CircuitPath),
            circuits => circuits.Use((context, next) => UntilStopAsync(context, next, stopping)));
        app.Use((context, next) => IsPage(context) ? GuardAsync(context, next) : next(context));
        app.UseWhen(
            context => context.Request.Path.StartsWithSegments(BrowserFiles.Path),
            assets => assets.UseResponseCompression().UseStaticFiles(new StaticFileOptions
            {
                RequestPath = BrowserFiles.Path,
                FileProvider = new PhysicalFileProvider(BrowserFiles.Folder),
                OnPrepareResponse = file => file.Context.Response.Headers.CacheControl =
                    file.Context.Request.Query.ContainsKey("v") ? "public, max-age=31536000, immutable" : "no-cache",
            }));
        app.UseAuthentication();
        app.UseAuthorization();
        app.UseAntiforgery();
        app.Use((context, next) => SignIn.IsStale(context) ? SignIn.AskAgainAsync(context) : next(context));
        SignIn.Map(app);
        ArtefactDownloads.Map(app);
        var pages = app.MapRazorComponents<App>()
            .AddInteractiveServerRenderMode(circuits => circuits.ContentSecurityFrameAncestorsPolicy = null);
        pages.Add(endpoint =>
            {
                endpoint.Metadata.Add(PageMark.Instance);
                if (!endpoint.Metadata.OfType<IAllowAnonymous>().Any() && !endpoint.Metadata.OfType<IAuthorizeData>().Any())
                    endpoint.Metadata.Add(new AuthorizeAttribute()); // the circuit's connection, too
            });
    }

    /// <summary>
    /// A page of a browser holds a connection for as long as it is open, and makes another one as soon as it is lost: the server would wait
    /// for both until its time to stop is up.
    /// </summary>
    private static async Task UntilStopAsync(HttpContext context, RequestDelegate next, CancellationToken stopping)
    {
        if (stopping.IsCancellationRequested)
        {
            context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
            return;
        }
        using var over = new CancellationTokenSource();
        using var stop = stopping.Register(() => over.CancelAfter(Farewell));
        using var abort = over.Token.Register(context.Abort);
        await next(context);
    }

    private static bool IsPage(HttpContext context) =>
        context.Request.Path.StartsWithSegments(BrowserFiles.Path)
        || context.GetEndpoint()?.Metadata is { } endpoint
            && (endpoint.GetMetadata<IAuthorizeData>() is not null || endpoint.GetMetadata<PageMark>() is not null);

    private static Task GuardAsync(HttpContext context, RequestDelegate next)
    {
        if (!HttpProtocol.IsHttp11(context.Request.Protocol))
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound; // of the address for gRPC
            return Task.CompletedTask;
        }
        var headers = context.Response.Headers;
        headers.ContentSecurityPolicy = Policy;
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "same-origin"; // with none, a form's Origin would be null, which is no page's of this site
        (headers.CacheControl, headers.Pragma) = ("no-cache, no-store", "no-cache");
        return next(context);
    }
}
