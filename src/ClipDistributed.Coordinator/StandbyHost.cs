using ClipDistributed.Contracts.Links;
using ClipDistributed.Coordinator.Control.Rest;
using ClipDistributed.Coordinator.Settings;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace ClipDistributed.Coordinator;

/// <summary>The server of a coordinator that stands by: it redirects every call to the leader.</summary>
internal static class StandbyHost
{
    /// <param name="leader">The leader's address; empty: not known.</param>
    /// <exception cref="Contracts.Errors.BadInputException">The port is taken, or the address is none of this machine.</exception>
    public static async Task<WebApplication> StartAsync(
        CoordinatorOptions options,
        Func<string> leader,
        Action<ILoggingBuilder> logging,
        TimeProvider time,
        CancellationToken cancel
    )
    {
        var builder = CoordinatorHost.NewBuilder(options, logging, time);
        var app = builder.Build();
        app.Run(context => Refuse(context, leader()));
        await CoordinatorHost.StartAsync(app, cancel);
        return app;
    }

    /// <summary>A response that is a status alone, valid for every method.</summary>
    private static Task Refuse(HttpContext context, string leader)
    {
        var response = context.Response;
        string text = leader == "" ? "this coordinator stands by, and none leads just now" : $"this coordinator stands by; {leader} leads";
        if (!RestRequest.IsGrpc(context.Request))
            return RestError.WriteAsync(response, StatusCode.Unavailable, text);
        response.ContentType = "application/grpc";
        response.Headers["grpc-status"] = StatusCode.Unavailable.ToString("D");
        response.Headers["grpc-message"] = Uri.EscapeDataString(text);
        response.Headers[CoordinatorAddresses.NotServed] = "1";
        return Task.CompletedTask;
    }
}
