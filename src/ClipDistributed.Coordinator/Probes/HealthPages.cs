using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace ClipDistributed.Coordinator.Probes;

/// <summary>
/// /healthz: the process answers. /readyz: it leads and can serve. For probes of load balancers and orchestrators, without a token and
/// under any name: one word that reveals nothing else.
/// </summary>
internal static class HealthPages
{
    public const string Alive = "/healthz", Ready = "/readyz";

    /// <param name="isReady">Of a coordinator that stands by: false.</param>
    public static void UseHealthPages(this IApplicationBuilder app, Func<Task<bool>> isReady) => app.Use(async (context, next) =>
    {
        bool isAlive = context.Request.Path == Alive;
        if (!isAlive && context.Request.Path != Ready)
        {
            await next(context);
            return;
        }
        var (request, response) = (context.Request, context.Response);
        response.Headers.CacheControl = "no-store";
        if (!HttpMethods.IsGet(request.Method) && !HttpMethods.IsHead(request.Method))
        {
            response.Headers.Allow = "GET, HEAD";
            response.StatusCode = StatusCodes.Status405MethodNotAllowed;
            return;
        }
        bool isGood = isAlive || await isReady();
        response.StatusCode = isGood ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable;
        response.ContentType = "text/plain; charset=utf-8";
        if (HttpMethods.IsGet(request.Method))
            await response.WriteAsync(isGood ? "ok\n" : "unavailable\n");
    });
}
