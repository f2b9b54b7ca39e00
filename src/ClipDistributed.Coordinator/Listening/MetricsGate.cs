using ClipDistributed.Coordinator.Access;
using ClipDistributed.Coordinator.Settings;
using Microsoft.AspNetCore.Http;

namespace ClipDistributed.Coordinator.Listening;

/// <summary>Where metrics have an address of their own, they are served there alone, and nothing else is.</summary>
internal sealed class MetricsGate(CoordinatorOptions options) : IMiddleware
{
    public const string Path = "/metrics";

    public Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        bool isOwnPort = context.Features.Get<MetricsPort>() is not null;
        if (options.MetricsListen is null || isOwnPort == (context.Request.Path == Path))
        {
            if (isOwnPort) // that address is the operator's to guard
                context.Features.Set(new Admission(Principal.Stranger($"{context.Connection.RemoteIpAddress}"), new CallRule(null, null)));
            return next(context);
        }
        context.Response.StatusCode = StatusCodes.Status404NotFound;
        return Task.CompletedTask;
    }
}
